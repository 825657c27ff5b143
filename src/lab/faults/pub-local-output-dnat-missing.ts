import type { Fault } from '../fault.js';

export const pubLocalOutputDnatMissing: Fault = {
  id: 'pub-local-output-dnat-missing',
  title: "the host's own packets to a published port are not led to its container",
  topology: 'published',
  break: ['iptables -t nat -D OUTPUT 1'],
  undo: ['iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'host' },
  expect: {
    cause: ['pub-local-output-dnat-missing', 'pub-dnat-missing'],
    link: ['socket', 'bridge'],
    stage: 'output',
    way: 'forward',
  },
};
