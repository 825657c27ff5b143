import type { Fault } from '../fault.js';

export const nfRejectTcpReset: Fault = {
  id: 'nf-reject-tcp-reset',
  title: 'a rule of FORWARD answers connections with a reset',
  topology: 'textbook',
  break: ['iptables -A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset'],
  undo: ['iptables -D FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset'],
  probe: { destination: '203.0.113.5:80', protocol: 'tcp' },
  expect: {
    cause: ['nf-reject-tcp-reset', 'nf-rule-reject'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
