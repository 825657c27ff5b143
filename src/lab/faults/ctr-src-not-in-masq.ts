import type { Fault } from '../fault.js';

export const ctrSrcNotInMasq: Fault = {
  id: 'ctr-src-not-in-masq',
  title: 'the container sends from an address that is not masqueraded',
  topology: 'textbook',
  break: [
    'ip netns exec net1 ip addr add 10.9.9.9/32 dev lo',
    'ip netns exec net1 ip route replace default via 192.168.0.1 src 10.9.9.9',
  ],
  undo: [
    'ip netns exec net1 ip route replace default via 192.168.0.1',
    'ip netns exec net1 ip addr del 10.9.9.9/32 dev lo',
  ],
  expect: {
    cause: ['ctr-src-not-in-masq', 'nf-masq-not-applied'],
    link: ['uplink', 'outside'],
    stage: 'postrouting',
    way: 'return',
  },
};
