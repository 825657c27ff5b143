import type { Fault } from '../fault.js';

export const vethDeleted: Fault = {
  id: 'veth-deleted',
  title: 'the veth pair is gone',
  topology: 'textbook',
  break: ['ip link del veth1_p'],
  undo: [
    'ip link add veth1_p type veth peer name eth0 netns net1',
    'ip link set veth1_p master br0 up',
    'ip -n net1 addr add 192.168.0.2/24 dev eth0',
    'ip -n net1 link set eth0 up',
    'ip -n net1 route add default via 192.168.0.1',
  ],
  expect: { cause: ['veth-deleted', 'ctr-no-network'], link: ['socket', 'container'], way: 'forward' },
};
