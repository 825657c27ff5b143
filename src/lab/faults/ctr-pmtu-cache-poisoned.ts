import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrPmtuCachePoisoned: Fault = {
  id: 'ctr-pmtu-cache-poisoned',
  title: 'the container remembers an MTU of 700 of a path that was mended',
  topology: 'textbook',
  break: [
    `ip route add ${DESTINATION}/32 via 198.51.100.1 mtu lock 700`,
    `ip netns exec net1 ping -q -M do -c 2 -i 0.2 -W 1 -s 1157 ${DESTINATION} >/dev/null || true`,
    `ip route del ${DESTINATION}/32`,
  ],
  undo: ['ip -n net1 route flush cache'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157, df: true },
  expect: { cause: ['ctr-pmtu-cache-poisoned', 'pmtu-blackhole'], link: ['socket', 'container'], way: 'forward' },
};
