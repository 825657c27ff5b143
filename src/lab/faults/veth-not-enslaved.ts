import type { Fault } from '../fault.js';

export const vethNotEnslaved: Fault = {
  id: 'veth-not-enslaved',
  title: "the host's end of the veth pair is no port of the bridge",
  topology: 'textbook',
  break: ['ip link set veth1_p nomaster'],
  undo: ['ip link set veth1_p master br0'],
  expect: { cause: ['veth-not-enslaved'], link: ['veth-host', 'uplink'], way: 'return' },
};
