import type { Fault } from '../fault.js';

export const nfOutputDropToBridge: Fault = {
  id: 'nf-output-drop-to-bridge',
  title: 'a rule of OUTPUT drops what the host sends to the containers',
  topology: 'textbook',
  break: ['iptables -A OUTPUT -o br0 -j DROP'],
  undo: ['iptables -D OUTPUT -o br0 -j DROP'],
  probe: { destination: '192.168.0.1', protocol: 'icmp' },
  expect: {
    cause: ['nf-output-drop-to-bridge', 'nf-rule-drop'],
    link: ['bridge', 'service'],
    stage: 'output',
    way: 'return',
  },
};
