import type { Topology } from '../topology.js';
import { secondUplink } from './second-uplink.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

export const answersBySecondUplink: Topology = {
  id: 'answers-by-second-uplink',
  title: 'the request leaves by eth0, the answer comes back by eth1',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...secondUplink,
    { netns: 'outside', commands: ['ip route add 198.51.100.10/32 via 198.51.101.10'] },
    ...warmUp,
  ],
  target: 'net1',
  destination: DESTINATION,
};
