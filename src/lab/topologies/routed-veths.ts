import type { Topology } from '../topology.js';
import { uplink } from './textbook.js';

const CONTAINERS = [
  ['cali1', 'net1', '192.168.0.2'],
  ['cali2', 'net2', '192.168.0.3'],
] as const;

export const routedVeths: Topology = {
  id: 'routed-veths',
  title: 'two containers on routed veths with proxy ARP, as Calico builds them',
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    ...CONTAINERS.flatMap(([device, container, address]) => [
      {
        netns: 'host',
        commands: [
          `ip link add ${device} type veth peer name eth0 netns ${container}`,
          `sysctl -qw net.ipv4.conf.${device}.proxy_arp=1`,
          `sysctl -qw net.ipv4.neigh.${device}.proxy_delay=0`,
          `ip link set ${device} up`,
          `ip route add ${address}/32 dev ${device} scope link`,
          `iptables -t nat -A POSTROUTING -s ${address}/32 -o eth0 -j MASQUERADE`,
        ],
      },
      {
        netns: container,
        commands: [
          `ip addr add ${address}/32 dev eth0`,
          'ip link set eth0 up',
          'ip route add 169.254.1.1 dev eth0 scope link',
          'ip route add default via 169.254.1.1 dev eth0',
        ],
      },
    ]),
    { netns: 'net1', commands: ['ping -q -c 1 -W 2 192.168.0.3 >/dev/null'] },
  ],
  target: 'net1',
  destination: '192.168.0.3',
};
