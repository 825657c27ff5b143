import type { Fault } from '../fault.js';

export const hostRouteToContainerWrongDev: Fault = {
  id: 'host-route-to-container-wrong-dev',
  title: 'a route leads the replies to another device',
  topology: 'two-uplinks',
  break: ['ip route add 192.168.0.2/32 via 198.51.101.1 dev eth1'],
  undo: ['ip route del 192.168.0.2/32'],
  expect: {
    cause: ['host-route-to-container-wrong-dev', 'host-return-route-wrong'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'return',
  },
};
