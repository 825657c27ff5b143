import type { Fault } from '../fault.js';

export const nfRawDropDirect: Fault = {
  id: 'nf-raw-drop-direct',
  title: 'a raw rule of Docker drops what is sent to the container itself from outside',
  topology: 'textbook',
  break: [
    'ip netns exec outside ip route add 192.168.0.0/24 via 198.51.100.10',
    'iptables -t nat -D POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
    'iptables -t raw -A PREROUTING -d 192.168.0.2/32 ! -i br0 -j DROP',
  ],
  undo: [
    'iptables -t raw -D PREROUTING -d 192.168.0.2/32 ! -i br0 -j DROP',
    'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
    'ip netns exec outside ip route del 192.168.0.0/24 via 198.51.100.10',
  ],
  expect: {
    cause: ['nf-raw-drop-direct', 'nf-rule-drop'],
    link: ['bridge', 'uplink'],
    stage: 'prerouting',
    way: 'return',
  },
};
