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

export const idleSecondUplink: Topology = {
  id: 'second-uplink',
  title: 'the textbook with a second uplink that no route of the containers uses',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...secondUplink, ...warmUp],
  target: 'net1',
  destination: DESTINATION,
};
