import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrMtuBelowHostVeth: Fault = {
  id: 'ctr-mtu-below-host-veth',
  title: "the container's end of the veth pair has a smaller MTU than the host's",
  topology: 'textbook',
  break: ['ip -n net1 link set eth0 mtu 1000'],
  undo: ['ip -n net1 link set eth0 mtu 1500'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157 },
  expect: { cause: ['ctr-mtu-below-host-veth', 'veth-mtu-mismatch'], link: ['container', 'veth-host'], way: 'return' },
};
