import type { Step, Topology } from '../topology.js';
import { bridged, translated, uplink } from './textbook.js';

/** Behind `outside`, over a link of 1000 bytes. */
const FAR = '203.0.113.9';

const beyond: readonly Step[] = [
  {
    netns: 'outside',
    commands: [
      'ip link add p1 mtu 1000 type veth peer name p2 mtu 1000 netns beyond',
      'ip addr add 10.55.0.1/30 dev p1',
      'ip link set p1 up',
      'sysctl -qw net.ipv4.ip_forward=1',
    ],
  },
  {
    netns: 'beyond',
    commands: [
      'ip addr add 10.55.0.2/30 dev p2',
      'ip link set p2 up',
      `ip addr add ${FAR}/32 dev lo`,
      'ip route add default via 10.55.0.1',
    ],
  },
  { netns: 'outside', commands: [`ip route add ${FAR}/32 via 10.55.0.2`] },
];

export const smallLinkBeyond: Topology = {
  id: 'small-link-beyond',
  title: 'a destination behind a link of 1000 bytes',
  namespaces: ['net1', 'outside', 'beyond'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...beyond,
    { netns: 'net1', commands: [`ping -q -c 1 -W 2 ${FAR} >/dev/null`] },
  ],
  target: 'net1',
  destination: FAR,
};
