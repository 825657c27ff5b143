import type { Fault } from '../fault.js';

export const nfRejectHostProhibited: Fault = {
  id: 'nf-reject-host-prohibited',
  title: 'a rule rejects the packets as prohibited',
  topology: 'textbook',
  break: ['iptables -A FORWARD -j REJECT --reject-with icmp-host-prohibited'],
  undo: ['iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited'],
  expect: {
    cause: ['nf-reject-host-prohibited', 'nf-rule-reject'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
