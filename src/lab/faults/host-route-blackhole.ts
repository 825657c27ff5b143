import type { Fault } from '../fault.js';

export const hostRouteBlackhole: Fault = {
  id: 'host-route-blackhole',
  title: 'a blackhole route of the host covers the destination',
  topology: 'textbook',
  break: ['ip route add blackhole 203.0.113.0/24'],
  undo: ['ip route del blackhole 203.0.113.0/24'],
  expect: {
    cause: ['host-route-blackhole', 'host-route-type'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
