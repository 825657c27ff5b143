import type { Topology } from '../topology.js';
import { bridged, translated, uplink } from './textbook.js';
import { secondContainer } from './two-containers.js';

const PEER = 'fd00:1::3';

export const twoContainersIpv6: Topology = {
  id: 'two-containers-ipv6',
  title: 'two containers on one bridge that talk over IPv6',
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...secondContainer,
    { netns: 'host', commands: ['ip -6 addr add fd00:1::1/64 dev br0 nodad'] },
    { netns: 'net2', commands: [`ip -6 addr add ${PEER}/64 dev eth0 nodad`] },
    {
      netns: 'net1',
      commands: ['ip -6 addr add fd00:1::2/64 dev eth0 nodad', `ping -6 -q -c 1 -W 3 ${PEER} >/dev/null`],
    },
  ],
  target: 'net1',
  destination: PEER,
};
