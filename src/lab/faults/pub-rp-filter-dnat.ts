import type { Fault } from '../fault.js';

export const pubRpFilterDnat: Fault = {
  id: 'pub-rp-filter-dnat',
  title: 'clients come in by a NIC that no route back leads to, and the check is strict',
  topology: 'published-no-proxy',
  break: [
    'ip -n outside route add 198.51.100.10/32 via 198.51.101.10 dev up1 src 203.0.113.5',
    'sysctl -qw net.ipv4.conf.all.rp_filter=1',
  ],
  undo: ['sysctl -qw net.ipv4.conf.all.rp_filter=0', 'ip -n outside route del 198.51.100.10/32'],
  probe: { destination: '198.51.100.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['pub-rp-filter-dnat', 'host-rp-filter'],
    link: ['uplink', 'bridge'],
    stage: 'route',
    way: 'forward',
  },
};
