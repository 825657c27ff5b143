import type { Fault } from '../fault.js';
import { nearEnd } from '../topologies/flannel-vxlan.js';

export const ovlDevDown: Fault = {
  id: 'ovl-dev-down',
  title: 'the tunnel device is down',
  topology: 'flannel-vxlan',
  break: ['ip link set flannel.1 down'],
  undo: ['ip link del flannel.1', ...nearEnd('198.51.100.10')],
  expect: { cause: ['ovl-dev-down', 'ovl-route-missing'], link: ['uplink', 'outside'], stage: 'route', way: 'forward' },
};
