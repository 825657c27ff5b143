import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const ctrTcRatelimit: Fault = {
  id: 'ctr-tc-ratelimit',
  title: 'the container may send 16 kbit/s, and its queue is short',
  topology: 'textbook',
  break: ['tc -n net1 qdisc add dev eth0 root tbf rate 16kbit burst 1600 limit 1600'],
  undo: ['tc -n net1 qdisc del dev eth0 root'],
  probe: { destination: `${DESTINATION}:7`, protocol: 'udp', size: 1157, count: 20 },
  expect: { cause: ['ctr-tc-ratelimit', 'qdisc-drop'], link: ['socket', 'container'], stage: 'qdisc', way: 'forward' },
};
