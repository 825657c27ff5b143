import type { Fault } from '../fault.js';

export const nfIpsetBlock: Fault = {
  id: 'nf-ipset-block',
  title: 'the destination is in a set of banned networks',
  topology: 'textbook',
  break: [
    'ipset create banned hash:net',
    'ipset add banned 203.0.113.0/24',
    'iptables -A FORWARD -m set --match-set banned dst -j DROP',
  ],
  undo: ['iptables -D FORWARD -m set --match-set banned dst -j DROP', 'ipset destroy banned'],
  expect: { cause: ['nf-ipset-block', 'nf-rule-drop'], link: ['bridge', 'uplink'], stage: 'forward', way: 'forward' },
};
