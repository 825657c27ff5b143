import type { Step, Topology } from '../topology.js';
import { dockerChains } from './docker.js';
import { secondUplink } from './second-uplink.js';
import { bridged, DESTINATION, uplink, warmUp } from './textbook.js';
import { secondContainer } from './two-containers.js';

/** A container net3 192.168.1.2 on a bridge of its own, br1 192.168.1.1/24. */
const otherNetwork: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip link add br1 type bridge',
      'ip addr add 192.168.1.1/24 dev br1',
      'ip link set br1 up',
      'ip link add veth3_p type veth peer name eth0 netns net3',
      'ip link set veth3_p master br1 up',
      'iptables -A FORWARD -i br1 -j ACCEPT',
      'iptables -A FORWARD -o br1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ],
  },
  {
    netns: 'net3',
    commands: ['ip addr add 192.168.1.2/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 192.168.1.1'],
  },
];

/**
 * What Docker makes with `userland-proxy: false`: its rules lead connections of containers and of loopback on too, and the
 * container's bridge port sends back what came in by it. A service 10.96.0.10:80 has the container as its only endpoint.
 */
const publishing: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'bridge link set dev veth1_p hairpin on',
      'sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.all.route_localnet=1',
      'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
      'iptables -t nat -A POSTROUTING -o br0 -m addrtype --src-type LOCAL -j MASQUERADE',
      'iptables -t nat -A POSTROUTING -s 192.168.0.2/32 -d 192.168.0.2/32 -p tcp --dport 80 -j MASQUERADE',
      'iptables -t nat -A PREROUTING -d 10.96.0.10/32 -p tcp --dport 80 -j DNAT --to-destination 192.168.0.2:80',
      'iptables -t nat -N DOCKER',
      'iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      'iptables -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER',
      'iptables -t nat -A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
      'iptables -t nat -A DOCKER -p udp --dport 7000 -j DNAT --to-destination 192.168.0.2:7778',
      'iptables -A DOCKER -d 192.168.0.2/32 -o br0 -p tcp --dport 80 -j ACCEPT',
      'iptables -A DOCKER -d 192.168.0.2/32 -o br0 -p udp --dport 7778 -j ACCEPT',
    ],
  },
];

export const publishedNoProxy: Topology = {
  id: 'published-no-proxy',
  title: 'ports published without docker-proxy, for containers of this host too',
  namespaces: ['net1', 'net2', 'net3', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...secondContainer,
    ...secondUplink,
    ...dockerChains,
    ...publishing,
    ...otherNetwork,
    // As a router does: what it sends for others is no address that it asks with.
    { netns: 'outside', commands: ['sysctl -qw net.ipv4.conf.up1.arp_announce=2'] },
    ...warmUp,
  ],
  services: [
    { netns: 'net1', address: '0.0.0.0', port: 80 },
    { netns: 'net1', address: '0.0.0.0', port: 7778, kind: 'echo' },
  ],
  target: 'net1',
  destination: DESTINATION,
};
