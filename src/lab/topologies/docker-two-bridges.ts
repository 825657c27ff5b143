import type { Topology } from '../topology.js';
import { dockerChains } from './docker.js';
import { bridged, translated, uplink } from './textbook.js';

export const dockerTwoBridges: Topology = {
  id: 'docker-two-bridges',
  title: 'two containers on two bridges of Docker, joined by routing',
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...dockerChains,
    {
      netns: 'host',
      commands: [
        'ip link add br1 type bridge',
        'ip addr add 192.168.1.1/24 dev br1',
        'ip link set br1 up',
        'ip link add veth2_p type veth peer name eth0 netns net2',
        'ip link set veth2_p master br1 up',
        'iptables -A FORWARD -i br1 -j ACCEPT',
        'iptables -A FORWARD -o br1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ],
    },
    {
      netns: 'net2',
      commands: ['ip addr add 192.168.1.2/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 192.168.1.1'],
    },
    { netns: 'net1', commands: ['ping -q -c 1 -W 2 192.168.1.2 >/dev/null'] },
  ],
  target: 'net1',
  destination: '192.168.1.2',
};
