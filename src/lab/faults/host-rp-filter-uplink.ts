import type { Fault } from '../fault.js';

export const hostRpFilterUplink: Fault = {
  id: 'host-rp-filter-uplink',
  title: 'the reverse-path filter drops answers that come in by the other uplink',
  topology: 'answers-by-second-uplink',
  break: ['sysctl -qw net.ipv4.conf.all.rp_filter=1'],
  undo: ['sysctl -qw net.ipv4.conf.all.rp_filter=0'],
  expect: {
    cause: ['host-rp-filter-uplink', 'host-rp-filter'],
    link: ['bridge', 'alternate-uplink'],
    stage: 'route',
    way: 'return',
  },
};
