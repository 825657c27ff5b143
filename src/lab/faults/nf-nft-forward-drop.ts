import type { Fault } from '../fault.js';

export const nfNftForwardDrop: Fault = {
  id: 'nf-nft-forward-drop',
  title: 'a second ruleset, in nftables, drops what iptables accepts',
  topology: 'docker',
  break: [
    'nft add table inet myfw',
    "nft add chain inet myfw forward '{ type filter hook forward priority 0; policy drop; }'",
    'nft add rule inet myfw forward iifname eth0 oifname eth9 accept',
  ],
  undo: ['nft delete table inet myfw'],
  expect: {
    cause: ['nf-nft-forward-drop', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
