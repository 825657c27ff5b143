import type { Step, Topology } from '../topology.js';

/** Address in `outside` that every lab probes. */
export const DESTINATION = '203.0.113.5';

/** Another address in `outside`, which looks as if it lay in the containers' network when their mask is too wide. */
export const NEAR_NUMBER = '192.168.5.9';

/** A neighbour of the host's uplink in `outside`, where queries go. */
export const DNS_SERVER = '198.51.100.53';

/** The way out: eth0 198.51.100.10 of the host, up0 198.51.100.1 of `outside`, which owns the destination. */
export const uplink: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip link add eth0 type veth peer name up0 netns outside',
      'ip addr add 198.51.100.10/24 dev eth0',
      'ip link set eth0 up',
    ],
  },
  {
    netns: 'outside',
    commands: [
      'ip addr add 198.51.100.1/24 dev up0',
      'ip link set up0 up',
      `ip addr add ${DESTINATION}/32 dev lo`,
      `ip addr add ${NEAR_NUMBER}/32 dev lo`,
      `ip addr add ${DNS_SERVER}/32 dev lo`,
      'sysctl -qw net.ipv4.icmp_ratelimit=0',
    ],
  },
  { netns: 'host', commands: ['ip route add default via 198.51.100.1', 'sysctl -qw net.ipv4.ip_forward=1'] },
];

/** The bridge br0 192.168.0.1/24 with the container net1 192.168.0.2 on its port veth1_p. */
export const bridged: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip link add br0 type bridge',
      'ip addr add 192.168.0.1/24 dev br0',
      'ip link set br0 up',
      'ip link add veth1_p type veth peer name eth0 netns net1',
      'ip link set veth1_p master br0 up',
    ],
  },
  {
    netns: 'net1',
    commands: ['ip addr add 192.168.0.2/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 192.168.0.1'],
  },
];

const MASQUERADE = 'POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE';

/** Source translation for the containers, and port 8088 published. */
export const translated: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      `iptables -t nat -A ${MASQUERADE}`,
      'iptables -t nat -A PREROUTING -p tcp --dport 8088 -j DNAT --to-destination 192.168.0.2:80',
    ],
  },
];

/** A first ping: it proves the network and leaves the neighbour entries that a network in use has. */
export const warmUp: readonly Step[] = [{ netns: 'net1', commands: [`ping -q -c 1 -W 2 ${DESTINATION} >/dev/null`] }];

export const textbook: Topology = {
  id: 'textbook',
  title: 'one container on a bridge, masqueraded behind one uplink',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...warmUp],
  target: 'net1',
  destination: DESTINATION,
};
