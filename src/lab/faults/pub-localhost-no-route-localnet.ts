import type { Fault } from '../fault.js';

export const pubLocalhostNoRouteLocalnet: Fault = {
  id: 'pub-localhost-no-route-localnet',
  title: 'the host may not send from a loopback address to the container (route_localnet)',
  topology: 'published-no-proxy',
  break: ['sysctl -qw net.ipv4.conf.all.route_localnet=0'],
  undo: ['sysctl -qw net.ipv4.conf.all.route_localnet=1'],
  probe: { destination: '127.0.0.1:8080', protocol: 'tcp', from: 'host' },
  expect: {
    cause: ['pub-localhost-no-route-localnet', 'pub-localhost'],
    link: ['socket', 'bridge'],
    stage: 'output',
    way: 'forward',
  },
};
