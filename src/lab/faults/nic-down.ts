import type { Fault } from '../fault.js';

export const nicDown: Fault = {
  id: 'nic-down',
  title: 'the uplink is down',
  topology: 'textbook',
  break: ['ip link set eth0 down'],
  undo: ['ip link set eth0 up', 'ip route add default via 198.51.100.1'],
  expect: { cause: ['nic-down'], link: ['bridge', 'uplink'], way: 'forward' },
};
