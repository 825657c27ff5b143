import type { Fault } from '../fault.js';

export const hostRouteOverlapVpn: Fault = {
  id: 'host-route-overlap-vpn',
  title: 'a route to another network covers the destination',
  topology: 'second-uplink',
  break: ['ip netns exec outside sysctl -qw net.ipv4.conf.up1.arp_ignore=1', 'ip route add 203.0.113.0/24 dev eth1'],
  undo: ['ip route del 203.0.113.0/24 dev eth1', 'ip netns exec outside sysctl -qw net.ipv4.conf.up1.arp_ignore=0'],
  expect: { cause: ['host-route-overlap-vpn', 'host-route-overlap'], link: ['bridge', 'uplink'], way: 'forward' },
};
