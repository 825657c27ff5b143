import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const uplinkQdiscDrop: Fault = {
  id: 'uplink-qdisc-drop',
  title: 'the rate limit of the uplink has no room for a second packet',
  topology: 'textbook',
  break: ['tc qdisc add dev eth0 root tbf rate 16kbit burst 1600 limit 1600'],
  undo: ['tc qdisc del dev eth0 root'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157, count: 20 },
  expect: { cause: ['uplink-qdisc-drop', 'qdisc-drop'], link: ['bridge', 'uplink'], stage: 'qdisc', way: 'forward' },
};
