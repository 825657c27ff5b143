import type { Fault } from '../fault.js';

export const ovlRemoteRouteMissing: Fault = {
  id: 'ovl-remote-route-missing',
  title: 'the other host has no route back to the container',
  topology: 'flannel-vxlan',
  break: ['ip -n node2 route del 192.168.10.0/24'],
  undo: ['ip -n node2 route add 192.168.10.0/24 via 192.168.10.0 dev flannel.1 onlink'],
  expect: {
    cause: ['ovl-remote-route-missing', 'ovl-route-missing'],
    fromHere: ['ovl-underlay-blocked', 'uplink-no-answer'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
