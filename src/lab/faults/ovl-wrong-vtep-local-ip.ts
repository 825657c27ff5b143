import type { Fault } from '../fault.js';
import { nearEnd } from '../topologies/flannel-vxlan.js';

export const ovlWrongVtepLocalIp: Fault = {
  id: 'ovl-wrong-vtep-local-ip',
  title: 'the tunnel sends from an address that the host no longer has',
  topology: 'flannel-vxlan',
  break: ['ip link del flannel.1', ...nearEnd('198.51.100.11')],
  undo: ['ip link del flannel.1', ...nearEnd('198.51.100.10')],
  expect: {
    cause: ['ovl-wrong-vtep-local-ip', 'ovl-underlay-blocked'],
    link: ['tunnel', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
