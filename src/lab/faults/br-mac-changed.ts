import type { Fault } from '../fault.js';

export const brMacChanged: Fault = {
  id: 'br-mac-changed',
  title: 'the container still knows the old MAC of the bridge',
  topology: 'textbook',
  break: [
    'ip link add spare type veth peer name spare_p',
    'ip link set spare_p address 02:00:00:00:00:01',
    'ip link set spare_p master br0 up',
    'ip netns exec net1 ip neigh flush all',
    'ip netns exec net1 ping -q -c 1 -W 2 192.168.0.1 >/dev/null',
    'ip link del spare',
  ],
  undo: ['ip netns exec net1 ip neigh flush all'],
  expect: { cause: ['br-mac-changed'], link: ['veth-host', 'bridge'], stage: 'bridge-forward', way: 'forward' },
};
