import type { Fault } from '../fault.js';

export const hostNoDefaultRoute: Fault = {
  id: 'host-no-default-route',
  title: 'the host has no default route',
  topology: 'textbook',
  break: ['ip route del default'],
  undo: ['ip route add default via 198.51.100.1'],
  expect: { cause: ['host-no-default-route'], link: ['bridge', 'uplink'], stage: 'route', way: 'forward' },
};
