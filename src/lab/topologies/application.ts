import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** The namespace of the application by its process: what is traced where the process matters. */
export const APPLICATION = '/run/app/ns/net';

/** A program in the container that ends with the lab; /run/app leads to its folder under /proc. */
const PROGRAM = [
  'nsenter --net=/run/netns/net1 tail --pid="$(cat /run/holder.pid)" -f /dev/null </dev/null >/dev/null 2>&1 & app=$!',
  'until [ "/proc/$app/ns/net" -ef /run/netns/net1 ]; do sleep 0.01; done',
  'ln -s "/proc/$app" /run/app',
];

export const application: Topology = {
  id: 'application',
  title: 'one container on a bridge, with a process of its own',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...warmUp, { netns: 'host', commands: PROGRAM }],
  target: 'net1',
  destination: DESTINATION,
};
