import type { Fault } from '../fault.js';

export const ctrTtl1: Fault = {
  id: 'ctr-ttl-1',
  title: 'the container sends with a TTL of 1',
  topology: 'textbook',
  break: ['ip netns exec net1 sysctl -qw net.ipv4.ip_default_ttl=1'],
  undo: ['ip netns exec net1 sysctl -qw net.ipv4.ip_default_ttl=64'],
  expect: { cause: ['ctr-ttl-1'], link: ['bridge', 'uplink'], way: 'forward' },
};
