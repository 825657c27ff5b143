import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const vethTcBandwidth: Fault = {
  id: 'veth-tc-bandwidth',
  title: 'the container may receive 16 kbit/s, and the queue of its host veth is short',
  topology: 'textbook',
  break: ['tc qdisc add dev veth1_p root tbf rate 16kbit burst 1600 limit 1600'],
  undo: ['tc qdisc del dev veth1_p root'],
  probe: { destination: DESTINATION, protocol: 'icmp', size: 1157, count: 20 },
  expect: {
    cause: ['veth-tc-bandwidth', 'qdisc-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'qdisc',
    way: 'return',
  },
};
