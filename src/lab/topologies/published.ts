import type { Step, Topology } from '../topology.js';
import { dockerChains } from './docker.js';
import { bridged, DESTINATION, uplink, warmUp } from './textbook.js';

/** Ports 8080 and 8089 of the host lead to port 80 of the container, in the chains in which Docker publishes them. */
const publishing: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
      'iptables -t nat -N DOCKER',
      'iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      'iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
      'iptables -t nat -A DOCKER ! -i br0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
      'iptables -t nat -A DOCKER ! -i br0 -p tcp --dport 8089 -j DNAT --to-destination 192.168.0.2:80',
      'iptables -A DOCKER -d 192.168.0.2/32 ! -i br0 -o br0 -p tcp --dport 80 -j ACCEPT',
      'iptables -A DOCKER -d 192.168.0.2/32 ! -i br0 -o br0 -p tcp --dport 81 -j ACCEPT',
      'iptables -A DOCKER -d 192.168.0.2/32 ! -i br0 -o br0 -p tcp --dport 8081 -j ACCEPT',
    ],
  },
];

export const published: Topology = {
  id: 'published',
  title: "a container's service on a published port, as Docker publishes it",
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...dockerChains, ...publishing, ...warmUp],
  services: [
    { netns: 'net1', address: '0.0.0.0', port: 80 },
    { netns: 'net1', address: '127.0.0.1', port: 8081 },
    { netns: 'host', address: '0.0.0.0', port: 8089 },
  ],
  target: 'net1',
  destination: DESTINATION,
};
