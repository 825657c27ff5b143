import { ipvlanHostUnreachable } from '../../checks/macvlan/ipvlan-host-unreachable.js';
import { testCheck } from '../helpers/check-cases.js';
import { addLink, type Edit, edited, flow, link } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const HOST = '198.51.100.10';

/** Packets of which nothing was seen. */
const unanswered: Edit = (evidence) => {
  const { probe } = evidence;
  if (!probe) throw new Error('no probe to lose');
  const answers = probe.answers.map((answer) => ({ ...answer, outcome: 'timeout' as const, rttMs: null }));
  return { ...evidence, sightings: [], probe: { ...probe, answered: 0, answers } };
};
const toHost = edited(recorded('macvlan'), flow({ destination: HOST }), unanswered);
const kind = (name: string): Edit => link('target', 'eth0', () => ({ kind: name }));
const shim = (flags: readonly string[]): Edit =>
  addLink('host', 'eth0', { ifname: 'shim', kind: 'macvlan', lower: 'eth0', flags });

const finding = {
  place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: 'target', device: 'eth0' },
  loses: ['socket – container forward', 'container – uplink forward'],
  proof: 'read read',
  remedies: ['instruction'],
} as const;

testCheck(ipvlanHostUnreachable, {
  fails: [
    {
      name: 'an ipvlan does not reach the host on its NIC',
      evidence: edited(toHost, kind('ipvlan')),
      findings: [{ ...finding, cause: 'ipvlan-host-unreachable' }],
    },
    {
      name: 'neither does a macvlan',
      evidence: toHost,
      findings: [{ ...finding, cause: 'macvlan-host-unreachable' }],
    },
    {
      name: 'a device of the host beside it does not help while it is down',
      evidence: edited(toHost, shim([])),
      findings: [{ ...finding, cause: 'macvlan-host-unreachable' }],
    },
  ],
  passes: [
    {
      name: 'answers show that it is reached all the same',
      evidence: edited(recorded('macvlan'), flow({ destination: HOST })),
      because: 'answers come back',
    },
  ],
  notApplicable: [
    {
      name: 'a device of the host beside it may answer',
      evidence: edited(toHost, shim(['UP'])),
      reason: 'shim of the host is beside it on eth0',
    },
    {
      name: 'what goes to the network outside is not kept back',
      evidence: recorded('macvlan'),
      reason: '203.0.113.5 is no address of the host on the NIC below',
    },
    {
      name: 'a container on a bridge reaches its host',
      evidence: recorded('textbook'),
      reason: 'the container shares no NIC with its host',
    },
  ],
});
