import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** Port of the service outside with which the container has a connection. */
export const UNDER_WAY = 5432;

export const underWay: Topology = {
  id: 'under-way',
  title: 'one container on a bridge, with a connection under way',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...warmUp],
  services: [{ netns: 'outside', address: DESTINATION, port: UNDER_WAY, kind: 'open' }],
  clients: [{ netns: 'net1', address: DESTINATION, port: UNDER_WAY, protocol: 'tcp' }],
  target: 'net1',
  destination: DESTINATION,
};
