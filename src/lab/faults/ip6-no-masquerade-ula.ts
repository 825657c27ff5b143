import type { Fault } from '../fault.js';

export const ip6NoMasqueradeUla: Fault = {
  id: 'ip6-no-masquerade-ula',
  title: 'nothing masquerades the local IPv6 addresses',
  topology: 'ipv6',
  break: ['ip6tables -t nat -F'],
  undo: ['ip6tables -t nat -A POSTROUTING -s fd00:1::/64 ! -o br0 -j MASQUERADE'],
  expect: { cause: ['ip6-no-masquerade-ula', 'nf-masq-not-applied'], link: ['uplink', 'outside'], way: 'return' },
};
