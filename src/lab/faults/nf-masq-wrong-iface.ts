import type { Fault } from '../fault.js';

export const nfMasqWrongIface: Fault = {
  id: 'nf-masq-wrong-iface',
  title: 'the masquerade rule names another interface',
  topology: 'textbook',
  break: ['iptables -t nat -R POSTROUTING 1 -s 192.168.0.0/24 -o wlan0 -j MASQUERADE'],
  undo: ['iptables -t nat -R POSTROUTING 1 -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'],
  expect: { cause: ['nf-masq-wrong-iface', 'nf-masq-not-applied'], link: ['uplink', 'outside'], way: 'return' },
};
