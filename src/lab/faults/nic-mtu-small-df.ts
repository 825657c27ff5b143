import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const nicMtuSmallDf: Fault = {
  id: 'nic-mtu-small-df',
  title: "the uplink's MTU is smaller than the container's packets",
  topology: 'textbook',
  break: ['ip link set eth0 mtu 1000', 'ip -n outside link set up0 mtu 1000'],
  undo: ['ip link set eth0 mtu 1500', 'ip -n outside link set up0 mtu 1500', 'ip -n net1 route flush cache'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157, df: true },
  expect: { cause: ['nic-mtu-small-df', 'uplink-mtu'], link: ['bridge', 'uplink'], way: 'forward' },
};
