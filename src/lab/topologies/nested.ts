import type { Topology } from '../topology.js';
import { DESTINATION, uplink, warmUp } from './textbook.js';

export const nested: Topology = {
  id: 'nested',
  title: "a container inside of a container: its bridge lies in a namespace that is not the host's",
  namespaces: ['net1', 'lxc-1', 'outside'],
  steps: [
    ...uplink,
    {
      netns: 'host',
      commands: [
        'ip link add br0 type bridge',
        'ip addr add 192.168.0.1/24 dev br0',
        'ip link set br0 up',
        'ip link add veth1_p type veth peer name eth0 netns lxc-1',
        'ip link set veth1_p master br0 up',
        'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
      ],
    },
    {
      netns: 'lxc-1',
      commands: [
        'ip addr add 192.168.0.2/24 dev eth0',
        'ip link set eth0 up',
        'ip route add default via 192.168.0.1',
        'sysctl -qw net.ipv4.ip_forward=1',
        'ip link add br1 type bridge',
        'ip addr add 10.88.0.1/24 dev br1',
        'ip link set br1 up',
        'ip link add veth2_p type veth peer name eth0 netns net1',
        'ip link set veth2_p master br1 up',
        'iptables -t nat -A POSTROUTING -s 10.88.0.0/24 ! -o br1 -j MASQUERADE',
      ],
    },
    {
      netns: 'net1',
      commands: ['ip addr add 10.88.0.2/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 10.88.0.1'],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
