import type { Fault } from '../fault.js';

export const brNoIp: Fault = {
  id: 'br-no-ip',
  title: 'the bridge has lost its address',
  topology: 'textbook',
  break: ['ip addr del 192.168.0.1/24 dev br0'],
  undo: ['ip addr add 192.168.0.1/24 dev br0'],
  expect: { cause: ['br-no-ip'], link: ['bridge', 'uplink'], way: 'return' },
};
