import type { Fault } from '../fault.js';

export const brPortLocked: Fault = {
  id: 'br-port-locked',
  title: 'the bridge port is locked until its MAC is authorised',
  topology: 'textbook',
  break: [
    'bridge link set dev veth1_p learning off locked on',
    'bridge fdb del $(ip netns exec net1 cat /sys/class/net/eth0/address) dev veth1_p master || true',
  ],
  undo: ['bridge link set dev veth1_p locked off learning on'],
  expect: { cause: ['br-port-locked'], link: ['veth-host', 'bridge'], stage: 'bridge-forward', way: 'forward' },
};
