import type { Fault } from '../fault.js';

const REPORTS = [131, 143];
const rule = (verb: string, type: number): string =>
  `ip netns exec net2 ip6tables ${verb} OUTPUT -p icmpv6 --icmpv6-type ${type} -j DROP`;

export const ip6McastSnoopingNoMld: Fault = {
  id: 'ip6-mcast-snooping-no-mld',
  title: 'the bridge snoops multicast, and no report of the other container reaches it',
  topology: 'two-containers-ipv6',
  // As long as a querier is new the bridge still floods: for one interval of responses, here 0.5 s.
  break: [
    ...REPORTS.map((type) => rule('-A', type)),
    'ip link set br0 type bridge mcast_query_interval 100 mcast_query_response_interval 50',
    'ip link set br0 type bridge mcast_querier 1',
    'bridge mdb del dev br0 port veth2_p grp ff02::1:ff00:3 2>/dev/null || true',
    'sleep 1',
    'ip -6 -n net1 neigh flush all',
  ],
  undo: [
    'ip link set br0 type bridge mcast_snooping 1 mcast_querier 0',
    'ip link set br0 type bridge mcast_query_interval 12500 mcast_query_response_interval 1000',
    ...REPORTS.map((type) => rule('-D', type)),
    'ip -6 -n net1 neigh flush all',
  ],
  expect: {
    cause: ['ip6-mcast-snooping-no-mld'],
    link: ['socket', 'container'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
