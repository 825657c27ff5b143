import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const nfInvalidDropAsym: Fault = {
  id: 'nf-invalid-drop-asym',
  title: 'conntrack sees the answers alone, and FORWARD drops them as invalid',
  topology: 'textbook',
  break: [
    'ip -n outside route add 192.168.0.0/24 via 198.51.100.10',
    'iptables -t nat -D POSTROUTING 1',
    'iptables -t raw -A PREROUTING -i br0 -p tcp --syn -j CT --notrack',
    'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP',
  ],
  undo: [
    'iptables -F FORWARD',
    'iptables -t raw -F PREROUTING',
    'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
    'ip -n outside route del 192.168.0.0/24',
  ],
  probe: { destination: `${DESTINATION}:80`, protocol: 'tcp' },
  expect: {
    cause: ['nf-invalid-drop-asym', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'return',
  },
};
