import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrDuplicateIp: Fault = {
  id: 'ctr-duplicate-ip',
  title: 'a second container on the bridge has the same address',
  topology: 'two-containers',
  break: [
    `ip netns exec net1 ping -q -c 1 -W 2 ${DESTINATION} >/dev/null`,
    'ip -n net2 addr add 192.168.0.2/24 dev eth0',
    'ip neigh del 192.168.0.2 dev br0',
    'ip -n net2 neigh flush dev eth0',
    'ip netns exec net2 ping -q -c 1 -W 2 -I 192.168.0.2 192.168.0.1 >/dev/null',
  ],
  undo: ['ip -n net2 addr del 192.168.0.2/24 dev eth0', 'ip neigh del 192.168.0.2 dev br0'],
  probe: { destination: DESTINATION, protocol: 'icmp' },
  expect: {
    cause: ['ctr-duplicate-ip', 'ctr-duplicate-address'],
    link: ['veth-host', 'bridge'],
    way: 'return',
  },
};
