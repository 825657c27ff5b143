import type { Fault } from '../fault.js';

export const brDown: Fault = {
  id: 'br-down',
  title: 'the bridge is down',
  topology: 'textbook',
  break: ['ip link set br0 down'],
  undo: ['ip link set br0 up'],
  expect: { cause: ['br-down'], link: ['veth-host', 'bridge'], way: 'forward' },
};
