import type { Fault } from '../fault.js';

export const vethHostEndDown: Fault = {
  id: 'veth-host-end-down',
  title: "the host's end of the veth pair is down",
  topology: 'textbook',
  break: ['ip link set veth1_p down'],
  undo: ['ip link set veth1_p up'],
  expect: { cause: ['veth-host-end-down'], link: ['socket', 'container'], way: 'forward' },
};
