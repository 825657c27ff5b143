import type { Fault } from '../fault.js';

export const ip6DisabledInContainer: Fault = {
  id: 'ip6-disabled-in-container',
  title: 'IPv6 is switched off in the container',
  topology: 'ipv6',
  break: ['ip netns exec net1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1'],
  undo: [
    'ip netns exec net1 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0',
    'ip -6 -n net1 addr add fd00:1::2/64 dev eth0 nodad',
    'ip -6 -n net1 route add default via fd00:1::1',
  ],
  expect: {
    cause: ['ip6-disabled-in-container', 'ip6-disabled'],
    link: ['socket', 'container'],
    stage: 'route',
    way: 'forward',
  },
};
