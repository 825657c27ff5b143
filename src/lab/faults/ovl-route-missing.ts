import type { Fault } from '../fault.js';

export const ovlRouteMissing: Fault = {
  id: 'ovl-route-missing',
  title: "the route to the other host's containers is missing",
  topology: 'flannel-vxlan',
  break: ['ip route del 192.168.11.0/24 via 192.168.11.0 dev flannel.1'],
  undo: ['ip route add 192.168.11.0/24 via 192.168.11.0 dev flannel.1 onlink'],
  expect: { cause: ['ovl-route-missing'], link: ['uplink', 'outside'], stage: 'route', way: 'forward' },
};
