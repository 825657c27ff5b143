import type { Fault } from '../fault.js';

export const uplinkUpstreamDrops: Fault = {
  id: 'uplink-upstream-drops',
  title: "something beyond the uplink drops the host's packets",
  topology: 'textbook',
  break: ['ip netns exec outside iptables -A INPUT -s 198.51.100.10 -j DROP'],
  undo: ['ip netns exec outside iptables -D INPUT -s 198.51.100.10 -j DROP'],
  expect: { cause: ['uplink-upstream-drops', 'uplink-no-answer'], link: ['uplink', 'outside'], way: 'forward' },
};
