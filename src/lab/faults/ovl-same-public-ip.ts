import type { Fault } from '../fault.js';
import { FAR_END } from '../topologies/flannel-vxlan.js';

export const ovlSamePublicIp: Fault = {
  id: 'ovl-same-public-ip',
  title: 'the tunnel takes an address of this host for that of the other',
  topology: 'flannel-vxlan',
  break: [
    'ip addr add 10.0.2.15/24 dev eth0',
    `bridge fdb del ${FAR_END} dev flannel.1`,
    `bridge fdb append ${FAR_END} dev flannel.1 dst 10.0.2.15`,
  ],
  undo: [
    `bridge fdb del ${FAR_END} dev flannel.1`,
    `bridge fdb append ${FAR_END} dev flannel.1 dst 198.51.101.20`,
    'ip addr del 10.0.2.15/24 dev eth0',
  ],
  expect: {
    cause: ['ovl-same-public-ip', 'ovl-fdb-wrong'],
    link: ['tunnel', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
