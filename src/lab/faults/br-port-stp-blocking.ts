import type { Fault } from '../fault.js';

export const brPortStpBlocking: Fault = {
  id: 'br-port-stp-blocking',
  title: 'the bridge port is not forwarding',
  topology: 'textbook',
  break: ['bridge link set dev veth1_p state 0'],
  undo: ['bridge link set dev veth1_p state 3'],
  expect: {
    cause: ['br-port-stp-blocking', 'br-port-stp'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-port',
    way: 'forward',
  },
};
