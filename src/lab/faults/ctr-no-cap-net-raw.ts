import type { Fault } from '../fault.js';
import { ALLOW_PINGS, UNPRIVILEGED } from '../topologies/application.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrNoCapNetRaw: Fault = {
  id: 'ctr-no-cap-net-raw',
  title: 'the program has no CAP_NET_RAW, and no group may ping without it',
  topology: 'application',
  rootOnly: true,
  break: ['ip netns exec net1 sysctl -qw net.ipv4.ping_group_range="1 0"'],
  undo: [`ip netns exec net1 ${ALLOW_PINGS}`],
  probe: { target: UNPRIVILEGED, destination: DESTINATION, protocol: 'icmp' },
  expect: { cause: ['ctr-no-cap-net-raw'], link: ['socket', 'container'], stage: 'socket', way: 'forward' },
};
