import type { Topology } from '../topology.js';
import { FAR_CONTAINER, firstHost, secondHost, translatedButForContainers } from './flannel-vxlan.js';
import { uplink } from './textbook.js';

export const flannelHostGw: Topology = {
  id: 'flannel-host-gw',
  title: "containers of two hosts, joined by routes over the hosts' own network",
  namespaces: ['net1', 'net2', 'node2', 'outside'],
  steps: [
    ...uplink,
    ...firstHost,
    ...secondHost,
    ...translatedButForContainers,
    { netns: 'host', commands: ['ip route add 192.168.11.0/24 via 198.51.100.1 dev eth0'] },
    {
      netns: 'outside',
      commands: ['ip route add 192.168.10.0/24 via 198.51.100.10', 'ip route add 192.168.11.0/24 via 198.51.101.20'],
    },
    { netns: 'node2', commands: ['ip route add 192.168.10.0/24 via 198.51.101.1 dev eth0'] },
    { netns: 'net1', commands: [`ping -q -c 1 -W 2 ${FAR_CONTAINER} >/dev/null`] },
  ],
  target: 'net1',
  destination: FAR_CONTAINER,
  peer: 'node2',
};
