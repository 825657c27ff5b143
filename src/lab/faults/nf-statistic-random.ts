import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const nfStatisticRandom: Fault = {
  id: 'nf-statistic-random',
  title: 'FORWARD drops every second packet by chance',
  topology: 'textbook',
  break: ['iptables -A FORWARD -i br0 -m statistic --mode random --probability 0.5 -j DROP'],
  undo: ['iptables -F FORWARD'],
  probe: { destination: DESTINATION, protocol: 'icmp', count: 30 },
  expect: {
    cause: ['nf-statistic-random', 'nf-rate-limit'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
