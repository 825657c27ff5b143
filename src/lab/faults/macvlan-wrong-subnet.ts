import type { Fault } from '../fault.js';

export const macvlanWrongSubnet: Fault = {
  id: 'macvlan-wrong-subnet',
  title: 'the address of the macvlan is of another network than the NIC',
  topology: 'macvlan',
  break: [
    'ip -n net1 addr flush dev eth0',
    'ip -n net1 addr add 10.99.0.50/24 dev eth0',
    'ip -n net1 route add default via 10.99.0.1',
  ],
  undo: [
    'ip -n net1 addr flush dev eth0',
    'ip -n net1 addr add 198.51.100.50/24 dev eth0',
    'ip -n net1 route add default via 198.51.100.1',
  ],
  expect: {
    cause: ['macvlan-wrong-subnet', 'ctr-wrong-address'],
    link: ['socket', 'container'],
    stage: 'neighbour',
    way: 'forward',
  },
};
