import type { Fault } from '../fault.js';

export const nfLimitDrop: Fault = {
  id: 'nf-limit-drop',
  title: 'FORWARD accepts two packets a second and drops the rest',
  topology: 'textbook',
  break: [
    'iptables -A FORWARD -i br0 -m limit --limit 2/s --limit-burst 1 -j ACCEPT',
    'iptables -A FORWARD -i br0 -j DROP',
  ],
  undo: ['iptables -F FORWARD'],
  expect: { cause: ['nf-limit-drop', 'nf-rate-limit'], link: ['bridge', 'uplink'], stage: 'forward', way: 'forward' },
};
