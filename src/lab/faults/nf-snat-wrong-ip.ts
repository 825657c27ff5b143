import type { Fault } from '../fault.js';

export const nfSnatWrongIp: Fault = {
  id: 'nf-snat-wrong-ip',
  title: 'the containers leave with a source address that nobody owns',
  topology: 'textbook',
  break: ['iptables -t nat -I POSTROUTING 1 -s 192.168.0.0/24 -o eth0 -j SNAT --to-source 198.51.100.77'],
  undo: ['iptables -t nat -D POSTROUTING 1'],
  expect: { cause: ['nf-snat-wrong-ip', 'nf-snat-wrong'], link: ['uplink', 'outside'], way: 'return' },
};
