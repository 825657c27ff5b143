import type { Topology } from '../topology.js';
import { DESTINATION, uplink, warmUp } from './textbook.js';

export const routedVeth: Topology = {
  id: 'routed-veth',
  title: 'a container on a routed veth, without a bridge, as ptp and Calico build it',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    {
      netns: 'host',
      commands: [
        'ip link add cali1 type veth peer name eth0 netns net1',
        'sysctl -qw net.ipv4.conf.cali1.proxy_arp=1',
        'sysctl -qw net.ipv4.neigh.cali1.proxy_delay=0',
        'ip link set cali1 up',
        'ip route add 192.168.0.2/32 dev cali1 scope link',
        'iptables -t nat -A POSTROUTING -s 192.168.0.2/32 ! -o cali1 -j MASQUERADE',
      ],
    },
    {
      netns: 'net1',
      commands: [
        'ip addr add 192.168.0.2/32 dev eth0',
        'ip link set eth0 up',
        'ip route add 169.254.1.1 dev eth0 scope link',
        'ip route add default via 169.254.1.1 dev eth0',
      ],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
