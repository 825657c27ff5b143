import type { Fault } from '../fault.js';

export const ip6ForwardingOff: Fault = {
  id: 'ip6-forwarding-off',
  title: 'IPv6 forwarding is off',
  topology: 'ipv6',
  break: ['sysctl -qw net.ipv6.conf.all.forwarding=0'],
  undo: ['sysctl -qw net.ipv6.conf.all.forwarding=1', 'ip -6 route replace default via 2001:db8:100::1'],
  expect: { cause: ['ip6-forwarding-off'], link: ['bridge', 'uplink'], way: 'forward' },
};
