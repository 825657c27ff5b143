import type { Fault } from '../fault.js';

export const nfNetpolDefaultDeny: Fault = {
  id: 'nf-netpol-default-deny',
  title: 'a network policy of Kubernetes allows nothing',
  topology: 'textbook',
  break: [
    'iptables -N cali-fw-veth1_p',
    'iptables -A cali-fw-veth1_p -m comment --comment "Drop if no policies passed packet" -j DROP',
    'iptables -A FORWARD -i br0 -j cali-fw-veth1_p',
  ],
  undo: ['iptables -D FORWARD -i br0 -j cali-fw-veth1_p', 'iptables -F cali-fw-veth1_p', 'iptables -X cali-fw-veth1_p'],
  expect: {
    cause: ['nf-netpol-default-deny', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
