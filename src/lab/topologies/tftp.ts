import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** What makes conntrack expect the answers of a TFTP server, which come from another port. */
export const HELPER = 'PREROUTING -p udp --dport 69 -j CT --helper tftp';

export const tftp: Topology = {
  id: 'tftp',
  title: 'a container that reads files from a TFTP server outside; a rule gives its requests the helper',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    { netns: 'host', commands: [`iptables -t raw -A ${HELPER}`] },
    ...warmUp,
  ],
  services: [{ netns: 'outside', address: DESTINATION, port: 69, kind: 'tftp' }],
  target: 'net1',
  destination: DESTINATION,
};
