import type { Fault } from '../fault.js';
import { FAR_END } from '../topologies/flannel-vxlan.js';

export const ovlFdbMissing: Fault = {
  id: 'ovl-fdb-missing',
  title: 'the tunnel does not know which host has the next hop',
  topology: 'flannel-vxlan',
  break: [`bridge fdb del ${FAR_END} dev flannel.1`],
  undo: [`bridge fdb append ${FAR_END} dev flannel.1 dst 198.51.101.20`],
  expect: { cause: ['ovl-fdb-missing', 'ovl-fdb-wrong'], link: ['tunnel', 'uplink'], stage: 'route', way: 'forward' },
};
