import type { Fault } from '../fault.js';

export const ctrEth0Down: Fault = {
  id: 'ctr-eth0-down',
  title: "the container's interface is down",
  topology: 'textbook',
  break: ['ip -n net1 link set eth0 down'],
  undo: ['ip -n net1 link set eth0 up', 'ip -n net1 route add default via 192.168.0.1'],
  expect: { cause: ['ctr-eth0-down'], link: ['socket', 'container'], way: 'forward' },
};
