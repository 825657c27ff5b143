import type { Fault } from '../fault.js';

export const hostNeighPermanentWrong: Fault = {
  id: 'host-neigh-permanent-wrong',
  title: 'the host has a wrong MAC for the container, set by hand',
  topology: 'textbook',
  break: ['ip neigh replace 192.168.0.2 lladdr 02:00:00:00:00:98 dev br0 nud permanent'],
  undo: ['ip neigh del 192.168.0.2 dev br0'],
  expect: {
    cause: ['host-neigh-permanent-wrong', 'host-neighbour-wrong'],
    link: ['socket', 'container'],
    way: 'return',
  },
};
