import type { Fault } from '../fault.js';

export const ip6PtbBlocked: Fault = {
  id: 'ip6-ptb-blocked',
  title: 'the host may not say that IPv6 packets are too big',
  topology: 'ipv6',
  break: [
    'ip link set eth0 mtu 1400',
    'ip -n outside link set up0 mtu 1400',
    'ip6tables -A OUTPUT -p icmpv6 --icmpv6-type packet-too-big -j DROP',
  ],
  undo: [
    'ip6tables -F OUTPUT',
    'ip link set eth0 mtu 1500',
    'ip -n outside link set up0 mtu 1500',
    'ip -6 -n net1 route flush cache',
  ],
  expect: { cause: ['ip6-ptb-blocked', 'pmtu-blackhole'], link: ['bridge', 'uplink'], way: 'forward' },
};
