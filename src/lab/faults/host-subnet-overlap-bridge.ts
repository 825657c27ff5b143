import type { Fault } from '../fault.js';

export const hostSubnetOverlapBridge: Fault = {
  id: 'host-subnet-overlap-bridge',
  title: "another bridge owns the destination's subnet",
  topology: 'textbook',
  break: ['ip link add br1 type bridge', 'ip addr add 203.0.113.1/24 dev br1', 'ip link set br1 up'],
  undo: ['ip link del br1'],
  expect: { cause: ['host-subnet-overlap-bridge', 'host-route-overlap'], link: ['bridge', 'uplink'], way: 'forward' },
};
