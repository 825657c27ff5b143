import type { Fault } from '../fault.js';

export const nfMasqWrongSubnet: Fault = {
  id: 'nf-masq-wrong-subnet',
  title: 'the masquerade rule names another subnet',
  topology: 'textbook',
  break: ['iptables -t nat -R POSTROUTING 1 -s 172.17.0.0/16 ! -o br0 -j MASQUERADE'],
  undo: ['iptables -t nat -R POSTROUTING 1 -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'],
  expect: { cause: ['nf-masq-wrong-subnet', 'nf-masq-not-applied'], link: ['uplink', 'outside'], way: 'return' },
};
