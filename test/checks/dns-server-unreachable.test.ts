import { dnsServerUnreachable } from '../../checks/uplink/dns-server-unreachable.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { ProbeOutcome } from '../../src/model/probe.js';
import { type FailingCase, testCheck } from '../helpers/check-cases.js';
import { control, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const blocked = recorded('dns-upstream-blocks-53');
const { server: asked, ...unasked } = blocked;

/** The same run, with other answers to echoes and to TCP. */
const server = (says: { readonly echoes: number; readonly tcp: ProbeOutcome }): Evidence => {
  if (!asked) throw new Error('the recording has no control');
  const { icmp, tcp } = asked;
  return {
    ...blocked,
    server: {
      icmp: { ...icmp, answered: says.echoes },
      tcp: { ...tcp, answers: tcp.answers.map((answer) => ({ ...answer, outcome: says.tcp })) },
    },
  };
};

const silent = (
  name: string,
  cause: string,
  evidence: Evidence,
  proof = 'seen control control control',
): FailingCase => ({
  name,
  evidence,
  findings: [
    {
      cause,
      place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
      loses: ['uplink – outside forward'],
      proof,
      remedies: ['instruction'],
    },
  ],
});

testCheck(dnsServerUnreachable, {
  fails: [
    silent(
      'a server that answers echoes, and neither queries nor TCP to their port',
      'dns-upstream-blocks-53',
      blocked,
    ),
    silent(
      'a server that takes TCP to the port, and answers no query over UDP',
      'dns-upstream-blocks-53',
      server({ echoes: 0, tcp: 'answered' }),
    ),
    silent('a server that says nothing at all', 'dns-server-unreachable', server({ echoes: 0, tcp: 'timeout' })),
    silent('a machine that refuses TCP', 'dns-server-unreachable', server({ echoes: 2, tcp: 'refused' })),
    silent('a server that was not asked', 'dns-server-unreachable', unasked, 'seen control'),
    {
      name: 'a server on the link whose address nobody has',
      evidence: recorded('dns-server-unreachable'),
      findings: [
        {
          cause: 'dns-server-unreachable',
          place: {
            link: 'bridge – uplink',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'eth0',
            object: 'neighbour 198.51.100.53',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read seen control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'one that answers the host is there',
      evidence: edited(recorded('dns-upstream-blocks-53'), control(true)),
      because: 'the same probe from the host itself is answered',
    },
  ],
  notApplicable: [
    {
      name: "an address that the host itself was answered from is somebody's",
      evidence: edited(recorded('dns-server-unreachable'), control(true)),
      reason: 'the packets do not reach the uplink',
    },
    {
      name: 'a flow that asks no server',
      evidence: recorded('uplink-upstream-drops'),
      reason: 'the probe asks no DNS server',
    },
  ],
});
