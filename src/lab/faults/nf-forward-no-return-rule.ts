import type { Fault } from '../fault.js';

export const nfForwardNoReturnRule: Fault = {
  id: 'nf-forward-no-return-rule',
  title: 'FORWARD accepts the request but not the answer',
  topology: 'textbook',
  break: ['iptables -P FORWARD DROP', 'iptables -A FORWARD -i br0 -j ACCEPT'],
  undo: ['iptables -P FORWARD ACCEPT', 'iptables -D FORWARD -i br0 -j ACCEPT'],
  expect: { cause: ['nf-forward-no-return-rule'], link: ['bridge', 'uplink'], stage: 'forward', way: 'return' },
};
