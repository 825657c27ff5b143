import type { Step, Topology } from '../topology.js';
import { bridged, translated, uplink } from './textbook.js';

/** A second container net2 192.168.0.3 on the same bridge, at its port veth2_p. */
export const secondContainer: readonly Step[] = [
  {
    netns: 'host',
    commands: ['ip link add veth2_p type veth peer name eth0 netns net2', 'ip link set veth2_p master br0 up'],
  },
  {
    netns: 'net2',
    commands: ['ip addr add 192.168.0.3/24 dev eth0', 'ip link set eth0 up', 'ip route add default via 192.168.0.1'],
  },
];

export const twoContainers: Topology = {
  id: 'two-containers',
  title: 'two containers on one bridge',
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...secondContainer,
    { netns: 'net1', commands: ['ping -q -c 1 -W 2 192.168.0.3 >/dev/null'] },
  ],
  target: 'net1',
  destination: '192.168.0.3',
};
