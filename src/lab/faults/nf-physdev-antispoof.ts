import type { Fault } from '../fault.js';

export const nfPhysdevAntispoof: Fault = {
  id: 'nf-physdev-antispoof',
  title: 'the anti-spoofing chain of the port does not know the address of the container',
  topology: 'textbook',
  break: [
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -N qvo-s',
    'iptables -A qvo-s -s 192.168.0.50/32 -m mac --mac-source 02:00:00:00:00:50 -j RETURN',
    'iptables -A qvo-s -j DROP',
    'iptables -A FORWARD -m physdev --physdev-in veth1_p -j qvo-s',
  ],
  undo: ['iptables -D FORWARD -m physdev --physdev-in veth1_p -j qvo-s', 'iptables -F qvo-s', 'iptables -X qvo-s'],
  expect: {
    cause: ['nf-physdev-antispoof', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
