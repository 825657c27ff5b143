import type { Fault } from '../fault.js';
import { FAR_END } from '../topologies/flannel-vxlan.js';

export const ovlNeighMissing: Fault = {
  id: 'ovl-neigh-missing',
  title: 'the tunnel has no MAC for its next hop',
  topology: 'flannel-vxlan',
  break: ['ip neigh del 192.168.11.0 dev flannel.1'],
  undo: [`ip neigh replace 192.168.11.0 lladdr ${FAR_END} dev flannel.1 nud permanent`],
  expect: {
    cause: ['ovl-neigh-missing', 'ovl-fdb-wrong'],
    link: ['bridge', 'tunnel'],
    stage: 'neighbour',
    way: 'forward',
  },
};
