import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const hostEcmpDeadNexthop: Fault = {
  id: 'host-ecmp-dead-nexthop',
  title: 'one of the two gateways of the default route is dead',
  topology: 'textbook',
  break: [
    'sysctl -qw net.ipv4.fib_multipath_hash_policy=1',
    'ip route replace default nexthop via 198.51.100.1 nexthop via 198.51.100.99',
  ],
  undo: ['ip route replace default via 198.51.100.1', 'sysctl -qw net.ipv4.fib_multipath_hash_policy=0'],
  probe: { destination: `${DESTINATION}:7`, protocol: 'udp', count: 20 },
  expect: { cause: ['host-ecmp-dead-nexthop'], link: ['bridge', 'uplink'], stage: 'neighbour', way: 'forward' },
};
