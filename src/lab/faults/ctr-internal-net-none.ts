import type { Fault } from '../fault.js';

export const ctrInternalNetNone: Fault = {
  id: 'ctr-internal-net-none',
  title: 'the container has no interface but lo',
  topology: 'textbook',
  break: ['ip -n net1 link set eth0 netns outside name parked0'],
  undo: [
    'ip -n outside link set parked0 netns net1 name eth0',
    'ip -n net1 addr add 192.168.0.2/24 dev eth0',
    'ip -n net1 link set eth0 up',
    'ip -n net1 route add default via 192.168.0.1',
  ],
  expect: { cause: ['ctr-internal-net-none', 'ctr-no-network'], link: ['socket', 'container'], way: 'forward' },
};
