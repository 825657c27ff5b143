import type { Fault } from '../fault.js';

export const hostRouteUnreachable: Fault = {
  id: 'host-route-unreachable',
  title: 'an unreachable route of the host covers the destination',
  topology: 'textbook',
  break: ['ip route add unreachable 203.0.113.0/24'],
  undo: ['ip route del unreachable 203.0.113.0/24'],
  expect: {
    cause: ['host-route-unreachable', 'host-route-type'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
