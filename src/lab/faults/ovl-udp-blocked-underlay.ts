import type { Fault } from '../fault.js';

export const ovlUdpBlockedUnderlay: Fault = {
  id: 'ovl-udp-blocked-underlay',
  title: 'the network between the hosts drops the UDP packets of the tunnel',
  topology: 'flannel-vxlan',
  break: ['ip netns exec outside iptables -A FORWARD -p udp --dport 8472 -j DROP'],
  undo: ['ip netns exec outside iptables -D FORWARD -p udp --dport 8472 -j DROP'],
  expect: { cause: ['ovl-udp-blocked-underlay', 'ovl-underlay-blocked'], link: ['uplink', 'outside'], way: 'forward' },
};
