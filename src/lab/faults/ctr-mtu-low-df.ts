import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrMtuLowDf: Fault = {
  id: 'ctr-mtu-low-df',
  title: "the container's MTU is smaller than its packets",
  topology: 'textbook',
  break: ['ip -n net1 link set eth0 mtu 1000'],
  undo: ['ip -n net1 link set eth0 mtu 1500'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157, df: true },
  expect: { cause: ['ctr-mtu-low-df'], link: ['socket', 'container'], way: 'forward' },
};
