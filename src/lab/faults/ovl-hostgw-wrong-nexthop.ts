import type { Fault } from '../fault.js';

export const ovlHostgwWrongNexthop: Fault = {
  id: 'ovl-hostgw-wrong-nexthop',
  title: 'the route to the other host names a next hop that is no neighbour',
  topology: 'flannel-host-gw',
  break: ['ip route replace 192.168.11.0/24 via 198.51.101.20 dev eth0 onlink'],
  undo: ['ip route replace 192.168.11.0/24 via 198.51.100.1 dev eth0'],
  expect: {
    cause: ['ovl-hostgw-wrong-nexthop', 'ovl-route-missing'],
    link: ['bridge', 'uplink'],
    stage: 'neighbour',
    way: 'forward',
  },
};
