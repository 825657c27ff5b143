import type { Fault } from '../fault.js';

export const macvlanParentDown: Fault = {
  id: 'macvlan-parent-down',
  title: 'the NIC below the macvlan is down',
  topology: 'macvlan',
  break: ['ip link set eth0 down'],
  undo: ['ip link set eth0 up', 'ip route add default via 198.51.100.1'],
  expect: { cause: ['macvlan-parent-down'], link: ['socket', 'container'], stage: 'qdisc', way: 'forward' },
};
