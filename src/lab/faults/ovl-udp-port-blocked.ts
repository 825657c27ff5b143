import type { Fault } from '../fault.js';

export const ovlUdpPortBlocked: Fault = {
  id: 'ovl-udp-port-blocked',
  title: 'the other host drops the UDP packets of the tunnel',
  topology: 'flannel-vxlan',
  break: ['ip netns exec node2 iptables -A INPUT -p udp --dport 8472 -j DROP'],
  undo: ['ip netns exec node2 iptables -D INPUT -p udp --dport 8472 -j DROP'],
  expect: { cause: ['ovl-udp-port-blocked', 'ovl-underlay-blocked'], link: ['uplink', 'outside'], way: 'forward' },
};
