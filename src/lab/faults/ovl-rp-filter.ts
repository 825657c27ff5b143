import type { Fault } from '../fault.js';

export const ovlRpFilter: Fault = {
  id: 'ovl-rp-filter',
  title: 'the other host checks the way back, and its route to the container leads past the tunnel',
  topology: 'flannel-vxlan',
  break: [
    'ip -n outside route add 192.168.10.0/24 via 198.51.100.10',
    'ip -n node2 route add 192.168.10.2/32 via 198.51.101.1 dev eth0',
    'ip netns exec node2 sysctl -qw net.ipv4.conf.all.rp_filter=1',
  ],
  undo: [
    'ip netns exec node2 sysctl -qw net.ipv4.conf.all.rp_filter=0',
    'ip -n node2 route del 192.168.10.2/32 via 198.51.101.1 dev eth0',
    'ip -n outside route del 192.168.10.0/24 via 198.51.100.10',
  ],
  expect: {
    cause: ['ovl-rp-filter', 'host-rp-filter'],
    fromHere: ['ovl-remote-host', 'ovl-underlay-blocked', 'uplink-no-answer'],
    link: ['uplink', 'outside'],
    way: 'forward',
  },
};
