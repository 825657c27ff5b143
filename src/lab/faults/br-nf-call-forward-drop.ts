import type { Fault } from '../fault.js';

export const brNfCallForwardDrop: Fault = {
  id: 'br-nf-call-forward-drop',
  title: 'the policy of FORWARD drops what the bridge passes between its ports',
  topology: 'two-containers',
  break: ['sysctl -qw net.bridge.bridge-nf-call-iptables=1', 'iptables -P FORWARD DROP'],
  undo: ['iptables -P FORWARD ACCEPT'],
  expect: {
    cause: ['br-nf-call-forward-drop', 'nf-rule-drop'],
    link: ['veth-host', 'bridge-port'],
    stage: 'forward',
    way: 'forward',
  },
};
