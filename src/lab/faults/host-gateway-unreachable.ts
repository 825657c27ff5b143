import type { Fault } from '../fault.js';

export const hostGatewayUnreachable: Fault = {
  id: 'host-gateway-unreachable',
  title: "nobody owns the address of the host's gateway",
  topology: 'textbook',
  break: ['ip route replace default via 198.51.100.99'],
  undo: ['ip route replace default via 198.51.100.1'],
  expect: {
    cause: ['host-gateway-unreachable', 'uplink-no-neighbour'],
    link: ['bridge', 'uplink'],
    stage: 'neighbour',
    way: 'forward',
  },
};
