import type { Fault } from '../fault.js';

export const ctrNoarp: Fault = {
  id: 'ctr-noarp',
  title: 'the device of the container does not use ARP',
  topology: 'textbook',
  break: ['ip netns exec net1 ip link set eth0 arp off'],
  undo: ['ip netns exec net1 ip link set eth0 arp on', 'ip netns exec net1 ip neigh flush all'],
  expect: { cause: ['ctr-noarp'], link: ['veth-host', 'bridge'], stage: 'neighbour', way: 'forward' },
};
