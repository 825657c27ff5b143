import type { Fault } from '../fault.js';

export const hostMartianOwnSource: Fault = {
  id: 'host-martian-own-source',
  title: 'the container sends from an address of the host',
  topology: 'textbook',
  break: [
    'ip -n net1 addr add 198.51.100.10/32 dev eth0',
    'ip -n net1 route replace default via 192.168.0.1 src 198.51.100.10',
  ],
  undo: ['ip -n net1 route replace default via 192.168.0.1', 'ip -n net1 addr del 198.51.100.10/32 dev eth0'],
  expect: {
    cause: ['host-martian-own-source', 'host-martian-source'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
