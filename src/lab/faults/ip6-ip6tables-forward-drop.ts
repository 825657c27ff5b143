import type { Fault } from '../fault.js';

export const ip6Ip6tablesForwardDrop: Fault = {
  id: 'ip6-ip6tables-forward-drop',
  title: 'ip6tables drops what is forwarded',
  topology: 'ipv6',
  break: ['ip6tables -P FORWARD DROP'],
  undo: ['ip6tables -P FORWARD ACCEPT'],
  expect: {
    cause: ['ip6-ip6tables-forward-drop', 'nf-policy-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
