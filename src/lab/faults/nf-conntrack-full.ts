import type { Fault } from '../fault.js';

/** Connections that conntrack keeps for good, as many as have room; its limit is the machine's, and stays as it is. */
const FILL = `perl -e 'for (0 .. $ARGV[0] - 1) { printf "-A -p tcp -s 192.168.0.%d -d 203.0.113.77 --sport %d --dport 443 --state ESTABLISHED -u ASSURED -t 86400\\n", 100 + $_ / 60000, 1024 + $_ % 60000 }'`;

export const nfConntrackFull: Fault = {
  id: 'nf-conntrack-full',
  title: 'the table of connections is full',
  topology: 'textbook',
  // None is left that ends by itself and makes room.
  break: [
    'conntrack -F 2>/dev/null',
    `${FILL} $(cat /proc/sys/net/netfilter/nf_conntrack_max) >/run/connections`,
    'conntrack -R /run/connections >/dev/null 2>&1 || true',
    'rm /run/connections',
  ],
  undo: ['conntrack -F 2>/dev/null'],
  expect: {
    cause: ['nf-conntrack-full', 'conntrack-full'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
