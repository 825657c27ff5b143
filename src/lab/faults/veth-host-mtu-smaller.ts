import type { Fault } from '../fault.js';

export const vethHostMtuSmaller: Fault = {
  id: 'veth-host-mtu-smaller',
  title: "the host end of the veth pair has a smaller MTU than the container's",
  topology: 'textbook',
  break: ['ip link set br0 mtu 1500', 'ip link set veth1_p mtu 1000'],
  undo: ['ip link set veth1_p mtu 1500'],
  expect: { cause: ['veth-host-mtu-smaller', 'veth-mtu-mismatch'], link: ['container', 'veth-host'], way: 'forward' },
};
