import type { Fault } from '../fault.js';

export const vethNotEnslavedFreshArp: Fault = {
  id: 'veth-not-enslaved-fresh-arp',
  title: 'the veth is no port of the bridge, and nobody knows anybody',
  topology: 'textbook',
  break: ['ip link set veth1_p nomaster', 'ip netns exec net1 ip neigh flush all', 'ip neigh flush dev br0'],
  undo: ['ip link set veth1_p master br0'],
  expect: { cause: ['veth-not-enslaved-fresh-arp', 'veth-not-enslaved'], link: ['veth-host', 'uplink'], way: 'return' },
};
