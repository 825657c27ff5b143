import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';
import { UNDER_WAY } from '../topologies/under-way.js';

const MOST_WAITS = 100;

/** Waits until the connection's segments go unacknowledged, or are again. */
const until = (isStuck: boolean): string =>
  `for i in $(seq ${MOST_WAITS}); do ip netns exec net1 ss -Htin dport = :${UNDER_WAY} | grep -q unacked ${isStuck ? '&&' : '||'} break; sleep 0.1; done`;

export const nfCtIdleTimeout: Fault = {
  id: 'nf-ct-idle-timeout',
  title: 'conntrack forgets the connection while it is idle, and takes none up in mid-stream',
  topology: 'under-way',
  rootOnly: true,
  break: [
    'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=1 net.netfilter.nf_conntrack_tcp_loose=0',
    until(true),
  ],
  undo: [
    'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=432000 net.netfilter.nf_conntrack_tcp_loose=1',
    until(false),
  ],
  probe: { destination: `${DESTINATION}:${UNDER_WAY}`, protocol: 'tcp', socket: UNDER_WAY },
  expect: {
    cause: ['nf-ct-idle-timeout', 'nf-ct-expired'],
    link: ['uplink', 'outside'],
    stage: 'prerouting',
    way: 'return',
  },
};
