import type { Fault } from '../fault.js';

export const brNftMacAntispoof: Fault = {
  id: 'br-nft-mac-antispoof',
  title: "a filter of the bridge allows another MAC address than the container's",
  topology: 'textbook',
  break: [
    'nft add table bridge macspoof',
    "nft add chain bridge macspoof pre '{ type filter hook prerouting priority -300; policy accept; }'",
    'nft add rule bridge macspoof pre iifname veth1_p ether saddr != 02:00:00:00:00:02 counter drop',
  ],
  undo: ['nft delete table bridge macspoof'],
  expect: {
    cause: ['br-nft-mac-antispoof', 'br-ebtables-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
