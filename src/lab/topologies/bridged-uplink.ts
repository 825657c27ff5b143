import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** The host's address moves from eth0 to the bridge vmbr0, whose port eth0 becomes. */
export const bridgedUplink: Topology = {
  id: 'bridged-uplink',
  title: 'the textbook on a host whose NIC is a port of a bridge, as with virtual machines beside the containers',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    {
      netns: 'host',
      commands: [
        'ip link add vmbr0 type bridge',
        'ip addr flush dev eth0',
        'ip link set eth0 master vmbr0',
        'ip addr add 198.51.100.10/24 dev vmbr0',
        'ip link set vmbr0 up',
        'ip route replace default via 198.51.100.1',
      ],
    },
    ...bridged,
    ...translated,
    ...warmUp,
  ],
  services: [{ netns: 'net1', address: '0.0.0.0', port: 80 }],
  target: 'net1',
  destination: DESTINATION,
};
