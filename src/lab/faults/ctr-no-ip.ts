import type { Fault } from '../fault.js';

export const ctrNoIp: Fault = {
  id: 'ctr-no-ip',
  title: "the container's interface has no address",
  topology: 'textbook',
  break: ['ip -4 -n net1 addr flush dev eth0'],
  undo: ['ip -n net1 addr add 192.168.0.2/24 dev eth0', 'ip -n net1 route add default via 192.168.0.1'],
  expect: { cause: ['ctr-no-ip'], link: ['socket', 'container'], way: 'forward' },
};
