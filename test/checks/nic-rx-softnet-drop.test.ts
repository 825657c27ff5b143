import { nicRxSoftnetDrop } from '../../checks/uplink/nic-rx-softnet-drop.js';
import { testCheck } from '../helpers/check-cases.js';
import { type Edit, edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** What the receive queues dropped during the probe. */
const dropped =
  (packets: number): Edit =>
  (evidence) => {
    const { counters } = evidence.before['host'] ?? {};
    if (!counters?.ok) throw new Error('no counters were recorded');
    const read = { ...counters, value: { ...counters.value, 'Softnet.dropped': packets } };
    return { ...evidence, after: { ...evidence.after, host: { ...evidence.after['host'], counters: read } } };
  };

const kernelSays =
  (reason: string): Edit =>
  (evidence) => ({ ...evidence, kernelDrops: evidence.kernelDrops.map((drop) => ({ ...drop, reason })) });

const length = sysctl('host', 'net.core.netdev_max_backlog', '1000');

/** The second of the packets never gets from the container to its host end. */
const second: Edit = (evidence) => {
  const own = new Set(evidence.path.hops.slice(0, 2).map(({ id }) => id));
  const { probe } = evidence;
  if (!probe) throw new Error('no probe was recorded');
  const isLost = (number: number | null): boolean => number === 2;
  return {
    ...evidence,
    sightings: evidence.sightings.filter(
      ({ hop, way, probe: number }) => !isLost(number) || (own.has(hop) && way === 'forward'),
    ),
    probe: {
      ...probe,
      answered: probe.answered - 1,
      answers: probe.answers.map((answer, index) =>
        index === 1 ? { ...answer, outcome: 'timeout' as const, rttMs: null } : answer,
      ),
    },
  };
};

const lossy = edited(recorded('textbook'), length, second);

/** All of them, by another cause. */
const all = edited(recorded('veth-xdp-drop'), length);

const finding = {
  cause: 'nic-rx-softnet-drop',
  place: {
    link: 'container – veth-host',
    stage: 'veth',
    turn: 1,
    way: 'forward',
    netns: 'host',
    object: 'net.core.netdev_max_backlog',
  },
  loses: ['container – veth-host forward'],
  remedies: [['sysctl -w net.core.netdev_max_backlog=4000']],
} as const;

testCheck(nicRxSoftnetDrop, {
  fails: [
    {
      name: 'a packet of three that is lost between the ends of the veth pair, and a drop of the receive queues',
      evidence: edited(lossy, dropped(1)),
      findings: [{ ...finding, proof: 'counted' }],
    },
    {
      name: 'a full receive queue, in the words of the kernel',
      evidence: edited(all, kernelSays('CPU_BACKLOG')),
      findings: [{ ...finding, proof: 'inferred' }],
    },
    {
      name: 'a queue whose length is not known',
      evidence: edited(recorded('textbook'), second, dropped(1)),
      findings: [{ ...finding, proof: 'counted', remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'all packets are lost, and no event of the kernel tells why: the counter is that of all traffic',
      evidence: edited(all, (evidence) => ({ ...evidence, kernelDrops: [] }), dropped(9)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
    {
      name: 'the kernel names another reason',
      evidence: edited(all, dropped(9)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
    {
      name: 'packets that are lost elsewhere',
      evidence: edited(recorded('nf-forward-policy-drop'), dropped(9)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
  ],
  notApplicable: [
    {
      name: 'queues that dropped nothing',
      evidence: lossy,
      reason: 'the receive queues of the processors dropped nothing during the probe',
    },
  ],
});
