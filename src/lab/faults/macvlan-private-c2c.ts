import type { Fault } from '../fault.js';

export const macvlanPrivateC2c: Fault = {
  id: 'macvlan-private-c2c',
  title: 'two macvlans of one NIC are in mode private',
  topology: 'macvlan',
  break: [
    'ip -n net1 link set eth0 type macvlan mode private',
    'ip -n net2 link set eth0 type macvlan mode private',
    'ip -n net1 neigh flush all',
  ],
  undo: [
    'ip -n net1 link set eth0 type macvlan mode bridge',
    'ip -n net2 link set eth0 type macvlan mode bridge',
    'ip -n net1 neigh flush all',
  ],
  probe: { destination: '198.51.100.51', protocol: 'icmp' },
  expect: {
    cause: ['macvlan-private-c2c', 'macvlan-isolation'],
    link: ['socket', 'container'],
    stage: 'neighbour',
    way: 'forward',
  },
};
