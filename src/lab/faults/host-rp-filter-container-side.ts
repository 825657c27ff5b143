import type { Fault } from '../fault.js';

export const hostRpFilterContainerSide: Fault = {
  id: 'host-rp-filter-container-side',
  title: "the reverse-path filter drops the container's packets",
  topology: 'second-uplink',
  break: ['ip route add 192.168.0.2/32 via 198.51.101.1 dev eth1', 'sysctl -qw net.ipv4.conf.all.rp_filter=1'],
  undo: ['ip route del 192.168.0.2/32', 'sysctl -qw net.ipv4.conf.all.rp_filter=0'],
  expect: {
    cause: ['host-rp-filter-container-side', 'host-rp-filter'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'forward',
  },
};
