import type { Step, Topology } from '../topology.js';
import { bridged, translated, uplink } from './textbook.js';

const FAR = '2001:db8:203::5';

/** The container fd00:1::2 behind fd00:1::1 on br0, masqueraded as 2001:db8:100::10. */
const six: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip -6 addr add 2001:db8:100::10/64 dev eth0 nodad',
      'ip -6 addr add fd00:1::1/64 dev br0 nodad',
      'ip -6 route add default via 2001:db8:100::1',
      'sysctl -qw net.ipv6.conf.all.forwarding=1',
      'ip6tables -t nat -A POSTROUTING -s fd00:1::/64 ! -o br0 -j MASQUERADE',
    ],
  },
  {
    netns: 'outside',
    commands: [
      'ip -6 addr add 2001:db8:100::1/64 dev up0 nodad',
      `ip -6 addr add ${FAR}/128 dev lo`,
      'sysctl -qw net.ipv6.icmp.ratelimit=0',
    ],
  },
  {
    netns: 'net1',
    commands: [
      'ip -6 addr add fd00:1::2/64 dev eth0 nodad',
      'ip -6 route add default via fd00:1::1',
      `ping -6 -q -c 1 -W 3 ${FAR} >/dev/null`,
    ],
  },
];

export const ipv6: Topology = {
  id: 'ipv6',
  title: 'one container with a local IPv6 address, masqueraded behind one uplink',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...six],
  target: 'net1',
  destination: FAR,
};
