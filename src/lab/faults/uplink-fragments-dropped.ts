import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const uplinkFragmentsDropped: Fault = {
  id: 'uplink-fragments-dropped',
  title: 'the network beyond the uplink drops fragments',
  topology: 'textbook',
  // Before the fragments are put together again, which conntrack there would do first.
  break: [
    'ip netns exec outside nft add table ip f',
    "ip netns exec outside nft add chain ip f pre '{ type filter hook prerouting priority -450; }'",
    'ip netns exec outside nft add rule ip f pre ip frag-off \\& 0x3fff != 0 drop',
  ],
  undo: ['ip netns exec outside nft delete table ip f'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 3157 },
  expect: { cause: ['uplink-fragments-dropped', 'uplink-no-answer'], link: ['uplink', 'outside'], way: 'forward' },
};
