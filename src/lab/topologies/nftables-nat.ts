import type { Topology } from '../topology.js';
import { bridged, DESTINATION, uplink, warmUp } from './textbook.js';

export const nftablesNat: Topology = {
  id: 'nftables-nat',
  title: 'the textbook with native nftables for filter and NAT',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    {
      netns: 'host',
      commands: [
        'nft add table inet fw',
        "nft add chain inet fw forward '{ type filter hook forward priority filter; policy drop; }'",
        'nft add rule inet fw forward ct state established,related accept',
        'nft add rule inet fw forward iifname br0 oifname eth0 accept',
        "nft add chain inet fw postrouting '{ type nat hook postrouting priority srcnat; }'",
        'nft add rule inet fw postrouting ip saddr 192.168.0.0/24 oifname eth0 masquerade',
      ],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
