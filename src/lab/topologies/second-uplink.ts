import type { Step, Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** A second way out: eth1 198.51.101.10 of the host, up1 198.51.101.1 of `outside`. */
export const secondUplink: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'ip link add eth1 type veth peer name up1 netns outside',
      'ip addr add 198.51.101.10/24 dev eth1',
      'ip link set eth1 up',
    ],
  },
  { netns: 'outside', commands: ['ip addr add 198.51.101.1/24 dev up1', 'ip link set up1 up'] },
];

/** Port 8080 of the second uplink's address leads to port 80 of the container. */
const publishedThere: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'iptables -t nat -A PREROUTING -d 198.51.101.10/32 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80',
    ],
  },
];

export const idleSecondUplink: Topology = {
  id: 'second-uplink',
  title: 'the textbook with a second uplink, by which a published port is reached and no route of the containers leads',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...secondUplink, ...publishedThere, ...warmUp],
  services: [{ netns: 'net1', address: '0.0.0.0', port: 80 }],
  target: 'net1',
  destination: DESTINATION,
};
