import type { Fault } from '../fault.js';

export const hostArpAnnounceUpstreamDrop: Fault = {
  id: 'host-arp-announce-upstream-drop',
  title: 'the router upstream sends the answers to a MAC that the host does not have',
  topology: 'textbook',
  break: ['ip netns exec outside ip neigh replace 198.51.100.10 lladdr 02:00:00:00:00:97 dev up0 nud permanent'],
  undo: ['ip netns exec outside ip neigh del 198.51.100.10 dev up0'],
  expect: {
    cause: ['host-arp-announce-upstream-drop', 'uplink-no-neighbour'],
    link: ['bridge', 'uplink'],
    stage: 'prerouting',
    way: 'return',
  },
};
