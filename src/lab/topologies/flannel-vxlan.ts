import type { Step, Topology } from '../topology.js';
import { uplink } from './textbook.js';

/** The container net2 on the bridge of the other host. */
export const FAR_CONTAINER = '192.168.11.2';

/** MACs of the two ends of the tunnel. */
export const NEAR_END = '02:0f:00:00:00:0a';
export const FAR_END = '02:0f:00:00:00:0b';

/** The other host `node2`: eth0 198.51.101.20 behind `outside`, its bridge br0 192.168.11.1/24 with the container net2. */
export const secondHost: readonly Step[] = [
  {
    netns: 'outside',
    commands: [
      'ip link add up1 type veth peer name eth0 netns node2',
      'ip addr add 198.51.101.1/24 dev up1',
      'ip link set up1 up',
      'sysctl -qw net.ipv4.ip_forward=1',
    ],
  },
  {
    netns: 'node2',
    commands: [
      'ip addr add 198.51.101.20/24 dev eth0',
      'ip link set eth0 up',
      'ip route add default via 198.51.101.1',
      'ip link add br0 type bridge',
      'ip addr add 192.168.11.1/24 dev br0',
      'ip link set br0 up',
      'ip link add veth2_p type veth peer name eth0 netns net2',
      'ip link set veth2_p master br0 up',
      'sysctl -qw net.ipv4.ip_forward=1',
    ],
  },
  {
    netns: 'net2',
    commands: [
      `ip addr add ${FAR_CONTAINER}/24 dev eth0`,
      'ip link set eth0 up',
      'ip route add default via 192.168.11.1',
    ],
  },
];

/** The bridge br0 192.168.10.1/24 of this host with the container net1. */
export const firstHost: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip link add br0 type bridge',
      'ip addr add 192.168.10.1/24 dev br0',
      'ip link set br0 up',
      'ip link add veth1_p type veth peer name eth0 netns net1',
      'ip link set veth1_p master br0 up',
    ],
  },
  {
    netns: 'net1',
    commands: ['ip addr add 192.168.10.2/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 192.168.10.1'],
  },
];

/** What is meant for containers keeps its source; all else is masqueraded. */
export const translatedButForContainers: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'iptables -t nat -A POSTROUTING -s 192.168.0.0/16 -d 192.168.0.0/16 -j RETURN',
      'iptables -t nat -A POSTROUTING -s 192.168.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE',
    ],
  },
];

/** Makes the host's end of the tunnel, bound to a local address, with what flannel's daemon writes for the other host. */
export const nearEnd = (local: string): readonly string[] => [
  `ip link add flannel.1 address ${NEAR_END} type vxlan id 1 local ${local} dstport 8472 nolearning`,
  'ip link set flannel.1 mtu 1450 up',
  'ip addr add 192.168.10.0/32 dev flannel.1',
  'ip route add 192.168.11.0/24 via 192.168.11.0 dev flannel.1 onlink',
  `ip neigh add 192.168.11.0 lladdr ${FAR_END} dev flannel.1 nud permanent`,
  `bridge fdb append ${FAR_END} dev flannel.1 dst 198.51.101.20`,
];

/** The other end, with a tunnel number. */
export const farEnd = (number: number): readonly string[] => [
  `ip link add flannel.1 address ${FAR_END} type vxlan id ${number} local 198.51.101.20 dstport 8472 nolearning`,
  'ip link set flannel.1 mtu 1450 up',
  'ip addr add 192.168.11.0/32 dev flannel.1',
  'ip route add 192.168.10.0/24 via 192.168.10.0 dev flannel.1 onlink',
  `ip neigh add 192.168.10.0 lladdr ${NEAR_END} dev flannel.1 nud permanent`,
  `bridge fdb append ${NEAR_END} dev flannel.1 dst 198.51.100.10`,
];

export const flannelVxlan: Topology = {
  id: 'flannel-vxlan',
  title: 'containers of two hosts, joined by a VXLAN, as Flannel joins them',
  namespaces: ['net1', 'net2', 'node2', 'outside'],
  steps: [
    ...uplink,
    ...firstHost,
    ...secondHost,
    ...translatedButForContainers,
    { netns: 'host', commands: nearEnd('198.51.100.10') },
    { netns: 'node2', commands: farEnd(1) },
    { netns: 'net1', commands: ['ip link set eth0 mtu 1450', `ping -q -c 1 -W 2 ${FAR_CONTAINER} >/dev/null`] },
    { netns: 'net2', commands: ['ip link set eth0 mtu 1450'] },
  ],
  target: 'net1',
  destination: FAR_CONTAINER,
  peer: 'node2',
};
