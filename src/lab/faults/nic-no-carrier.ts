import type { Fault } from '../fault.js';

export const nicNoCarrier: Fault = {
  id: 'nic-no-carrier',
  title: 'the uplink has no carrier',
  topology: 'textbook',
  break: ['ip -n outside link set up0 down'],
  undo: ['ip -n outside link set up0 up'],
  expect: { cause: ['nic-no-carrier'], link: ['bridge', 'uplink'], way: 'forward' },
};
