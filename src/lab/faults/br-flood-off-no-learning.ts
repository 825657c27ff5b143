import type { Fault } from '../fault.js';

export const brFloodOffNoLearning: Fault = {
  id: 'br-flood-off-no-learning',
  title: 'the bridge port neither learns nor floods',
  topology: 'textbook',
  break: [
    'bridge link set dev veth1_p learning off flood off',
    'bridge fdb del $(ip netns exec net1 cat /sys/class/net/eth0/address) dev veth1_p master || true',
  ],
  undo: ['bridge link set dev veth1_p learning on flood on'],
  expect: {
    cause: ['br-flood-off-no-learning', 'br-flood-off'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'return',
  },
};
