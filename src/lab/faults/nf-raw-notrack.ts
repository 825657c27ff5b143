import type { Fault } from '../fault.js';

export const nfRawNotrack: Fault = {
  id: 'nf-raw-notrack',
  title: "a rule keeps the container's packets from conntrack",
  topology: 'textbook',
  break: ['iptables -t raw -A PREROUTING -i br0 -j CT --notrack'],
  undo: ['iptables -t raw -F'],
  expect: { cause: ['nf-raw-notrack', 'nf-untracked'], link: ['uplink', 'outside'], way: 'return' },
};
