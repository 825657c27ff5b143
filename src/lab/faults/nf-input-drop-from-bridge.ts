import type { Fault } from '../fault.js';

export const nfInputDropFromBridge: Fault = {
  id: 'nf-input-drop-from-bridge',
  title: 'the policy of INPUT drops what containers send to the host',
  topology: 'textbook',
  break: [
    'iptables -A INPUT -i lo -j ACCEPT',
    'iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'iptables -P INPUT DROP',
  ],
  undo: ['iptables -P INPUT ACCEPT', 'iptables -F INPUT'],
  probe: { destination: '192.168.0.1', protocol: 'icmp' },
  expect: {
    cause: ['nf-input-drop-from-bridge', 'nf-rule-drop'],
    link: ['bridge', 'service'],
    stage: 'input',
    way: 'forward',
  },
};
