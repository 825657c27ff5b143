import type { Fault } from '../fault.js';

export const uplinkRemoteIgnoresIcmp: Fault = {
  id: 'uplink-remote-ignores-icmp',
  title: 'the destination does not answer pings',
  topology: 'textbook',
  break: ['ip netns exec outside sysctl -qw net.ipv4.icmp_echo_ignore_all=1'],
  undo: ['ip netns exec outside sysctl -qw net.ipv4.icmp_echo_ignore_all=0'],
  expect: { cause: ['uplink-remote-ignores-icmp', 'uplink-no-answer'], link: ['uplink', 'outside'], way: 'forward' },
};
