import type { Fault } from '../fault.js';
import { FAR_END } from '../topologies/flannel-vxlan.js';

export const ovlFdbWrongVtep: Fault = {
  id: 'ovl-fdb-wrong-vtep',
  title: 'the tunnel knows an old address of the other host',
  topology: 'flannel-vxlan',
  break: [`bridge fdb del ${FAR_END} dev flannel.1`, `bridge fdb append ${FAR_END} dev flannel.1 dst 198.51.101.77`],
  undo: [`bridge fdb del ${FAR_END} dev flannel.1`, `bridge fdb append ${FAR_END} dev flannel.1 dst 198.51.101.20`],
  expect: {
    cause: ['ovl-fdb-wrong-vtep', 'ovl-fdb-wrong'],
    fromHere: ['ovl-underlay-blocked', 'uplink-no-answer'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
