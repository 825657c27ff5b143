import type { Fault } from '../fault.js';

export const macvlanUpstreamMacFilter: Fault = {
  id: 'macvlan-upstream-mac-filter',
  title: "the network outside takes frames of the NIC's own MAC alone",
  topology: 'macvlan',
  break: [
    'mac=$(ip -o link show eth0 | sed "s/.*ether \\([0-9a-f:]*\\).*/\\1/"); ip netns exec outside nft "add table netdev sec; add chain netdev sec in { type filter hook ingress device up0 priority 0; }; add rule netdev sec in ether saddr != $mac drop"',
    'ip -n outside neigh flush dev up0',
    'ip -n net1 neigh flush all',
  ],
  undo: ['ip netns exec outside nft delete table netdev sec'],
  expect: {
    cause: ['macvlan-upstream-mac-filter', 'uplink-no-answer'],
    link: ['socket', 'container'],
    stage: 'neighbour',
    way: 'forward',
  },
};
