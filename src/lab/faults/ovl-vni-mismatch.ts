import type { Fault } from '../fault.js';
import { farEnd } from '../topologies/flannel-vxlan.js';

export const ovlVniMismatch: Fault = {
  id: 'ovl-vni-mismatch',
  title: 'the other end of the tunnel has another number',
  topology: 'flannel-vxlan',
  break: ['ip -n node2 link del flannel.1', ...farEnd(2).map((command) => `ip netns exec node2 ${command}`)],
  undo: ['ip -n node2 link del flannel.1', ...farEnd(1).map((command) => `ip netns exec node2 ${command}`)],
  expect: { cause: ['ovl-vni-mismatch', 'ovl-underlay-blocked'], link: ['uplink', 'outside'], way: 'forward' },
};
