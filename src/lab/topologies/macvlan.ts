import type { Topology } from '../topology.js';
import { DESTINATION, uplink, warmUp } from './textbook.js';

export const macvlan: Topology = {
  id: 'macvlan',
  title: "two containers on the uplink's own network, by macvlan",
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    {
      netns: 'host',
      commands: [
        'ip link add link eth0 name mv1 type macvlan mode bridge',
        'ip link set mv1 netns net1 name eth0',
        'ip link add link eth0 name mv2 type macvlan mode bridge',
        'ip link set mv2 netns net2 name eth0',
      ],
    },
    {
      netns: 'net1',
      commands: [
        'ip addr add 198.51.100.50/24 dev eth0',
        'ip link set eth0 up',
        'ip route add default via 198.51.100.1',
      ],
    },
    { netns: 'net2', commands: ['ip addr add 198.51.100.51/24 dev eth0', 'ip link set eth0 up'] },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
