import type { Fault } from '../fault.js';

export const uplinkArpBlockedBySwitch: Fault = {
  id: 'uplink-arp-blocked-by-switch',
  title: 'the network beyond the uplink does not pass ARP',
  topology: 'textbook',
  break: [
    'ip netns exec outside nft add table arp f',
    "ip netns exec outside nft add chain arp f i '{ type filter hook input priority 0; policy drop; }'",
    "ip netns exec outside nft add chain arp f o '{ type filter hook output priority 0; policy drop; }'",
    'ip neigh flush dev eth0',
  ],
  undo: ['ip netns exec outside nft delete table arp f'],
  expect: {
    cause: ['uplink-arp-blocked-by-switch', 'uplink-no-neighbour'],
    link: ['bridge', 'uplink'],
    stage: 'neighbour',
    way: 'forward',
  },
};
