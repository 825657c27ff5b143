import type { Fault } from '../fault.js';

export const brPortStpLearning: Fault = {
  id: 'br-port-stp-learning',
  title: 'the bridge port learns and does not forward',
  topology: 'textbook',
  break: ['bridge link set dev veth1_p state 2'],
  undo: ['bridge link set dev veth1_p state 3'],
  expect: {
    cause: ['br-port-stp-learning', 'br-port-stp'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-port',
    way: 'forward',
  },
};
