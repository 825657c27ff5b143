/** The container's address. */
export const SOURCE6 = '2001:db8:1::2';

/** Address in `outside` beyond the router. */
export const DESTINATION6 = '2001:db8:ffff::5';

/** Commands that give the textbook network IPv6 as well, routed without NAT. */
export const dualStack: readonly string[] = [
  'ip -6 addr add 2001:db8:1::1/64 dev br0 nodad',
  'ip -6 addr add 2001:db8:2::10/64 dev eth0 nodad',
  'ip -6 route add default via 2001:db8:2::1',
  'sysctl -qw net.ipv6.conf.all.forwarding=1',
  'ip netns exec net1 ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad',
  'ip netns exec net1 ip -6 route add default via 2001:db8:1::1',
  'ip netns exec outside ip -6 addr add 2001:db8:2::1/64 dev up0 nodad',
  `ip netns exec outside ip -6 addr add ${DESTINATION6}/128 dev lo`,
  'ip netns exec outside ip -6 route add 2001:db8:1::/64 via 2001:db8:2::10',
  'ip netns exec outside sysctl -qw net.ipv6.icmp.ratelimit=0',
  `ip netns exec net1 ping -6 -q -c 1 -W 3 ${DESTINATION6}`,
];
