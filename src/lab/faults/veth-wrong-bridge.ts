import type { Fault } from '../fault.js';

export const vethWrongBridge: Fault = {
  id: 'veth-wrong-bridge',
  title: "the host's end of the veth pair is a port of another bridge",
  topology: 'textbook',
  break: [
    'ip link add br1 type bridge',
    'ip addr add 192.168.9.1/24 dev br1',
    'ip link set br1 up',
    'ip link set veth1_p master br1',
  ],
  undo: ['ip link set veth1_p master br0', 'ip link del br1'],
  expect: { cause: ['veth-wrong-bridge'], link: ['bridge', 'uplink'], way: 'return' },
};
