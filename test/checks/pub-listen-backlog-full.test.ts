import { pubListenBacklogFull } from '../../checks/published/pub-listen-backlog-full.js';
import type { AcceptQueue } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const open = recorded('pub-container-no-route-back');

const queue = (waiting: AcceptQueue['waiting'], room: AcceptQueue['room']): Edit =>
  artifact('target', 'sockets', (sockets) =>
    sockets.map((socket) => (socket.port === 80 ? { ...socket, queue: { waiting, room } } : socket)),
  );
const anotherListener: Edit = artifact('target', 'sockets', (sockets) => [
  ...sockets,
  ...sockets.flatMap((socket) => (socket.port === 80 ? [{ ...socket, queue: { waiting: 0, room: 1 } }] : [])),
]);
const overflows =
  (rise: number): Edit =>
  (evidence) => {
    const { target } = evidence.after;
    const before = evidence.before['target']?.counters;
    if (!target?.counters?.ok || !before?.ok) throw new Error('no counters were read twice');
    const value = {
      ...target.counters.value,
      'TcpExt.ListenOverflows': (before.value['TcpExt.ListenOverflows'] ?? 0) + rise,
    };
    return {
      ...evidence,
      after: { ...evidence.after, target: { ...target, counters: { ...target.counters, value } } },
    };
  };

const finding = {
  cause: 'pub-listen-backlog-full',
  place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
  loses: ['container – service forward'],
  remedies: ['instruction'],
} as const;

testCheck(pubListenBacklogFull, {
  fails: [
    {
      name: 'a socket with more connections than it has room for takes no other',
      evidence: edited(open, queue(2, 1), overflows(3)),
      findings: [{ ...finding, proof: 'read counted' }],
    },
  ],
  passes: [
    {
      name: 'fewer were turned away than the packets that are lost',
      evidence: edited(open, queue(2, 1), overflows(2)),
      because: 'no connection to port 80 was turned away during the probe',
    },
    {
      name: 'a full queue is not above its room',
      evidence: edited(open, queue(1, 1), overflows(3)),
      because: 'the socket of port 80 has room for connections',
    },
    {
      name: 'another socket of the same port has room',
      evidence: edited(open, queue(2, 1), anotherListener, overflows(3)),
      because: 'the socket of port 80 has room for connections',
    },
    {
      name: 'a queue that was full turned nothing away',
      evidence: edited(open, queue(2, 1), overflows(0)),
      because: 'no connection to port 80 was turned away during the probe',
    },
  ],
  notApplicable: [
    {
      name: 'queues that were not read, as in runs of earlier versions',
      evidence: open,
      reason: 'the queues of its sockets were not read',
    },
    {
      name: 'a port that leads nowhere',
      evidence: recorded('pub-dnat-missing'),
      reason: 'no TCP connection arrives at a port of the container',
    },
  ],
});
