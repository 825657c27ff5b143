import type { Fault } from '../fault.js';

export const nfNetdevIngressDrop: Fault = {
  id: 'nf-netdev-ingress-drop',
  title: 'a netdev chain drops what comes in by the uplink',
  topology: 'textbook',
  break: [
    'nft add table netdev edge',
    "nft add chain netdev edge in '{ type filter hook ingress device eth0 priority 0; }'",
    'nft add rule netdev edge in ip protocol icmp counter drop',
  ],
  undo: ['nft delete table netdev edge'],
  expect: {
    cause: ['nf-netdev-ingress-drop', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'prerouting',
    way: 'return',
  },
};
