import type { Fault } from '../fault.js';

export const pmtuBlackholeHostOutputBlocked: Fault = {
  id: 'pmtu-blackhole-host-output-blocked',
  title: 'the host may not say that packets are too big',
  topology: 'textbook',
  break: [
    'ip link set eth0 mtu 1000',
    'ip -n outside link set up0 mtu 1000',
    'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP',
  ],
  undo: [
    'iptables -F OUTPUT',
    'ip link set eth0 mtu 1500',
    'ip -n outside link set up0 mtu 1500',
    'ip -n net1 route flush cache',
  ],
  expect: {
    cause: ['pmtu-blackhole-host-output-blocked', 'pmtu-blackhole'],
    link: ['bridge', 'uplink'],
    way: 'forward',
  },
};
