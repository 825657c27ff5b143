import type { Fault } from '../fault.js';
import { listener } from '../listener.js';

const service = listener(9999, 'INADDR_LOOPBACK');

export const hostRouteLocalnet: Fault = {
  id: 'host-route-localnet',
  title: 'a port is sent to a service on loopback, which the kernel does not allow',
  topology: 'textbook',
  break: [
    ...service.start,
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -t nat -I PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 127.0.0.1:9999',
  ],
  undo: ['iptables -t nat -D PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 127.0.0.1:9999', ...service.stop],
  probe: { destination: '192.168.0.1:9000', protocol: 'tcp' },
  expect: { cause: ['host-route-localnet'], link: ['veth-host', 'bridge'], stage: 'route', way: 'forward' },
};
