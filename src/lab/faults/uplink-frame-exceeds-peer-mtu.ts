import type { Fault } from '../fault.js';

export const uplinkFrameExceedsPeerMtu: Fault = {
  id: 'uplink-frame-exceeds-peer-mtu',
  title: "the next hop's link takes smaller frames than the uplink sends",
  topology: 'textbook',
  break: ['ip -n outside link set up0 mtu 1400'],
  undo: ['ip -n outside link set up0 mtu 1500', 'ip -n net1 route flush cache'],
  expect: { cause: ['uplink-frame-exceeds-peer-mtu', 'uplink-mtu'], link: ['uplink', 'outside'], way: 'forward' },
};
