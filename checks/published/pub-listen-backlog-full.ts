import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { countedProof } from '../support/proofs.js';
import { placeOfService, publishedOf } from '../support/published.js';

export const pubListenBacklogFull = defineCheck({
  meta: {
    id: 'pub-listen-backlog-full',
    code: 'V1904',
    title: 'the program accepts its connections in time',
    covers: ['pub-listen-backlog-full'],
    inbound: 'only',
    requires: [],
    references: ['man 2 listen', 'man 8 ss', 'man 7 tcp (somaxconn)'],
  },
  page: {
    meaning:
      'The program listens and does not accept: its queue of finished connections is full, and the kernel drops every new SYN without an answer.',
    path: 'uplink -> DNAT -> FORWARD -> bridge -> eth0 of the container -> INPUT -> listening socket: more connections wait than its backlog allows.',
    decided:
      "Recv-Q of the listening socket, with the connections of the probe that were taken in, is above Send-Q in the container's list of sockets, and ListenOverflows of the container rises by as many as are lost.",
    byHand: [
      'nsenter -t PID -n ss -ltn (Recv-Q above Send-Q)',
      'nsenter -t PID -n nstat -az TcpExtListenOverflows TcpExtListenDrops',
    ],
    origins: [
      'the program hangs, or is stopped (docker pause, a debugger)',
      'more connections come than its workers take',
      'a backlog of a few connections, or net.core.somaxconn of the container',
    ],
    fixes: [
      'look why the program does not accept: docker logs, docker top',
      'a larger backlog in the program, and net.core.somaxconn no smaller: for bursts alone',
    ],
    prevention: 'Watch TcpExtListenOverflows: no drop monitor shows these, and no log does.',
    lab: null,
  },
  run(_artifacts, context) {
    const step = publishedOf(context)?.service;
    if (step?.netns !== 'target' || step.detail.answer.protocol !== 'tcp')
      return notApplicable('no TCP connection arrives at a port of the container');
    const { port, queue } = step.detail.answer;
    if (!queue) return notApplicable('the queues of its sockets were not read');
    const { answered, lost } = context.located;
    if (queue.waiting + answered <= queue.room) return pass(`the socket of port ${port} has room for connections`);
    const overflows = context.delta('target', 'TcpExt.ListenOverflows');
    const isTold = overflows === null ? queue.waiting > queue.room : overflows >= Math.max(lost, 1);
    if (!isTold) return pass(`no connection to port ${port} was turned away during the probe`);
    const waiting = queue.waiting + answered;
    const netns = context.netns('target');
    return fail({
      cause: 'pub-listen-backlog-full',
      title: `the program behind port ${port} of ${context.target.name} does not accept its connections: ${waiting} wait`,
      place: placeOfService(step),
      loses: [{ link: step.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `listening socket of port ${port}: Recv-Q ${queue.waiting}, Send-Q ${queue.room}${answered > 0 ? `, and ${answered} connections of the probe were taken in` : ''}`,
          command: inside(netns, ['ss', '-ltn']),
        },
        ...countedProof(context, 'target', 'TcpExt.ListenOverflows'),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `look why the program behind port ${port} does not accept, or start it anew`,
          netns: 'target',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'the network is as it should be: nothing of it is to be changed',
        },
      ],
      notes: ['clients see a time-out: the kernel answers no SYN as long as the queue is full'],
    });
  },
});
