import type { Topology } from '../topology.js';
import { secondUplink } from './second-uplink.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

export const twoUplinks: Topology = {
  id: 'two-uplinks',
  title: 'two uplinks; a policy rule sends the containers out by the second',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...secondUplink,
    {
      netns: 'host',
      commands: [
        'ip route add default via 198.51.101.1 dev eth1 table 100',
        'ip route add 192.168.0.0/24 dev br0 table 100',
        'ip rule add pref 1000 from 192.168.0.0/24 lookup 100',
      ],
    },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
