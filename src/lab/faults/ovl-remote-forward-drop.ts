import type { Fault } from '../fault.js';

export const ovlRemoteForwardDrop: Fault = {
  id: 'ovl-remote-forward-drop',
  title: 'the other host does not forward to its container',
  topology: 'flannel-vxlan',
  break: ['ip netns exec node2 iptables -P FORWARD DROP'],
  undo: ['ip netns exec node2 iptables -P FORWARD ACCEPT'],
  expect: {
    cause: ['ovl-remote-forward-drop', 'ovl-remote-host'],
    fromHere: ['ovl-underlay-blocked', 'uplink-no-answer'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
