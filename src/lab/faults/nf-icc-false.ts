import type { Fault } from '../fault.js';

export const nfIccFalse: Fault = {
  id: 'nf-icc-false',
  title: 'Docker keeps the containers of one bridge apart (icc=false)',
  topology: 'two-containers',
  break: ['sysctl -qw net.bridge.bridge-nf-call-iptables=1', 'iptables -I FORWARD 1 -i br0 -o br0 -j DROP'],
  undo: ['iptables -D FORWARD -i br0 -o br0 -j DROP'],
  expect: {
    cause: ['nf-icc-false', 'nf-rule-drop'],
    link: ['veth-host', 'bridge-port'],
    stage: 'forward',
    way: 'forward',
  },
};
