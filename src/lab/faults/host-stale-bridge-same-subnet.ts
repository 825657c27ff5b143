import type { Fault } from '../fault.js';

export const hostStaleBridgeSameSubnet: Fault = {
  id: 'host-stale-bridge-same-subnet',
  title: 'a bridge left over from a removed network has the subnet too',
  topology: 'textbook',
  break: [
    'ip addr del 192.168.0.1/24 dev br0',
    'ip link add br-old type bridge',
    'ip link set br-old up',
    'ip addr add 192.168.0.1/24 dev br-old',
    'ip addr add 192.168.0.1/24 dev br0',
  ],
  undo: ['ip link del br-old'],
  expect: {
    cause: ['host-stale-bridge-same-subnet', 'host-return-route-wrong'],
    link: ['bridge', 'uplink'],
    stage: 'route',
    way: 'return',
  },
};
