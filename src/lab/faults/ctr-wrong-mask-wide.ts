import type { Fault } from '../fault.js';
import { NEAR_NUMBER } from '../topologies/textbook.js';

export const ctrWrongMaskWide: Fault = {
  id: 'ctr-wrong-mask-wide',
  title: 'the mask of the container is too wide',
  topology: 'textbook',
  break: [
    'ip netns exec net1 ip addr del 192.168.0.2/24 dev eth0',
    'ip netns exec net1 ip addr add 192.168.0.2/16 dev eth0',
    'ip netns exec net1 ip route add default via 192.168.0.1',
  ],
  undo: [
    'ip netns exec net1 ip addr del 192.168.0.2/16 dev eth0',
    'ip netns exec net1 ip addr add 192.168.0.2/24 dev eth0',
    'ip netns exec net1 ip route add default via 192.168.0.1',
  ],
  probe: { destination: NEAR_NUMBER, protocol: 'icmp' },
  expect: {
    cause: ['ctr-wrong-mask-wide', 'ctr-wrong-address'],
    link: ['socket', 'container'],
    stage: 'neighbour',
    way: 'forward',
  },
};
