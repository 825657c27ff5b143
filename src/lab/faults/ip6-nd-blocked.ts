import type { Fault } from '../fault.js';

export const ip6NdBlocked: Fault = {
  id: 'ip6-nd-blocked',
  title: 'ip6tables drops neighbour solicitations',
  topology: 'ipv6',
  break: [
    'ip6tables -A INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -j DROP',
    'ip netns exec net1 ip -6 neigh flush all',
  ],
  undo: ['ip6tables -D INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -j DROP'],
  expect: {
    cause: ['ip6-nd-blocked'],
    link: ['socket', 'container'],
    stage: 'input',
    way: 'forward',
  },
};
