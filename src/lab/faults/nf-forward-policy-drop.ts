import type { Fault } from '../fault.js';

export const nfForwardPolicyDrop: Fault = {
  id: 'nf-forward-policy-drop',
  title: 'the FORWARD policy is DROP and no rule accepts',
  topology: 'textbook',
  break: ['iptables -P FORWARD DROP'],
  undo: ['iptables -P FORWARD ACCEPT'],
  expect: {
    cause: ['nf-forward-policy-drop', 'nf-policy-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
