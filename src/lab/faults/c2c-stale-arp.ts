import type { Fault } from '../fault.js';

export const c2cStaleArp: Fault = {
  id: 'c2c-stale-arp',
  title: 'the container has an old MAC for another container',
  topology: 'two-containers',
  break: ['ip -n net1 neigh replace 192.168.0.3 lladdr 02:00:00:00:00:77 dev eth0 nud permanent'],
  undo: ['ip -n net1 neigh del 192.168.0.3 dev eth0'],
  expect: {
    cause: ['c2c-stale-arp', 'host-neighbour-wrong'],
    link: ['peer', 'service'],
    stage: 'neighbour',
    way: 'forward',
  },
};
