import type { Fault } from '../fault.js';

export const nfRejectPortUnreachable: Fault = {
  id: 'nf-reject-port-unreachable',
  title: 'a rule of FORWARD rejects everything',
  topology: 'textbook',
  break: ['iptables -A FORWARD -j REJECT'],
  undo: ['iptables -D FORWARD -j REJECT'],
  expect: {
    cause: ['nf-reject-port-unreachable', 'nf-rule-reject'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
