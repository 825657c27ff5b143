import type { Fault } from '../fault.js';

export const uplinkGatewayWrongMac: Fault = {
  id: 'uplink-gateway-wrong-mac',
  title: 'the host has a wrong MAC for its gateway, set by hand',
  topology: 'textbook',
  break: ['ip neigh replace 198.51.100.1 lladdr 02:00:00:00:00:96 dev eth0 nud permanent'],
  undo: ['ip neigh del 198.51.100.1 dev eth0'],
  expect: { cause: ['uplink-gateway-wrong-mac', 'host-neighbour-wrong'], link: ['uplink', 'outside'], way: 'forward' },
};
