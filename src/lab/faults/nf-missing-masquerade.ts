import type { Fault } from '../fault.js';

export const nfMissingMasquerade: Fault = {
  id: 'nf-missing-masquerade',
  title: "the containers' addresses are not masqueraded",
  topology: 'textbook',
  break: ['iptables -t nat -D POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'],
  undo: ['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'],
  expect: { cause: ['nf-missing-masquerade', 'nf-masq-not-applied'], link: ['uplink', 'outside'], way: 'return' },
};
