import type { Fault } from '../fault.js';

export const ovlHostgwUpstreamNoRoute: Fault = {
  id: 'ovl-hostgw-upstream-no-route',
  title: "the router between the hosts has no route to the other host's containers",
  topology: 'flannel-host-gw',
  break: ['ip -n outside route del 192.168.11.0/24'],
  undo: ['ip -n outside route add 192.168.11.0/24 via 198.51.101.20'],
  expect: { cause: ['ovl-hostgw-upstream-no-route', 'uplink-no-answer'], link: ['uplink', 'outside'], way: 'forward' },
};
