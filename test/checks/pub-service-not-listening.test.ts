import { pubServiceNotListening } from '../../checks/published/pub-service-not-listening.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, published, withoutCapture } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const onHost = {
  place: { link: 'bridge – service', stage: 'socket', way: 'forward', netns: 'host' },
  loses: ['bridge – service forward'],
  remedies: ['instruction'],
} as const;

/** As if the first answer had not come: ICMP errors are limited in number. */
const untold: Edit = (evidence) => {
  const { probe } = evidence;
  if (!probe) throw new Error('no probe to leave untold');
  const answers = probe.answers.map((answer, index) =>
    index === 0 ? { ...answer, outcome: 'timeout' as const } : answer,
  );
  return { ...evidence, probe: { ...probe, answers } };
};

/** As if every probe had been refused by what answered it. */
const refused: Edit = (evidence) => {
  const { probe } = evidence;
  if (!probe) throw new Error('no probe to refuse');
  const answers = probe.answers.map((answer) => ({ ...answer, outcome: 'refused' as const, text: 'port unreachable' }));
  return { ...evidence, probe: { ...probe, answers } };
};

testCheck(pubServiceNotListening, {
  fails: [
    {
      name: 'no socket has the port at which the packets arrive',
      evidence: recorded('pub-service-not-running'),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'the port that the runtime was told is closed, whatever else is open',
      evidence: edited(recorded('pub-dnat-wrong-port'), published({ port: 81 })),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'nothing listens in the container at all',
      evidence: edited(
        recorded('pub-dnat-wrong-port'),
        artifact('target', 'sockets', () => []),
      ),
      findings: [
        {
          cause: 'pub-service-not-running',
          place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['container – service forward'],
          proof: 'read counted',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: "the host's resolver does not run, and its kernel refuses the queries",
      evidence: recorded('dns-host-resolver-down'),
      findings: [{ cause: 'dns-host-resolver-down', ...onHost, proof: 'read counted' }],
    },
    {
      name: 'only some of the datagrams are told that they are refused, as ICMP errors are limited',
      evidence: edited(recorded('dns-host-resolver-down'), untold),
      findings: [{ cause: 'dns-host-resolver-down', ...onHost, proof: 'read counted' }],
    },
    {
      name: 'a program of the host that listens on loopback alone is told with its address',
      evidence: edited(
        recorded('dns-host-resolver-down'),
        artifact('host', 'sockets', () => [{ protocol: 'udp' as const, address: '127.0.0.1', port: 53 }]),
      ),
      findings: [{ cause: 'pub-service-bound-loopback', ...onHost, proof: 'read counted' }],
    },
    {
      name: 'what is seen to come in from outside was refused there',
      evidence: edited(recorded('dns-host-docker-internal-missing'), refused),
      findings: [
        {
          cause: 'pub-service-not-listening',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a refusal is not for want of a program where one listens',
      evidence: edited(
        recorded('dns-host-resolver-down'),
        artifact('host', 'sockets', () => [{ protocol: 'udp' as const, address: '0.0.0.0', port: 53 }]),
      ),
      because: 'port 53 is open where the packets arrive',
    },
    {
      name: 'a program listens there',
      evidence: recorded('pub-ctr-fw-input'),
      because: 'port 80 of the container is open',
    },
    {
      name: 'a socket for both families takes it too',
      evidence: edited(
        recorded('pub-service-not-running'),
        artifact('target', 'sockets', () => [{ protocol: 'tcp' as const, address: '*', port: 1 }]),
      ),
      because: 'port 1 of the container is open',
    },
  ],
  notApplicable: [
    { name: 'what is answered is not refused', evidence: recorded('container-dns'), reason: 'nothing is refused' },
    {
      name: 'where no capture saw the refusal come in, nobody is named',
      evidence: edited(recorded('dns-host-docker-internal-missing'), refused, withoutCapture('h4')),
      reason: 'who refuses it was not seen',
    },
    {
      name: 'a server in the container is the business of another check',
      evidence: recorded('ctr-dns-stub-127.0.0.53'),
      reason: 'the DNS server is in the container',
    },
    {
      name: 'no packet arrives',
      evidence: recorded('pub-dnat-missing'),
      reason: 'no packet arrives at a port of the container',
    },
    {
      name: 'the rule leads to a closed port, and another is open',
      evidence: recorded('pub-dnat-wrong-port'),
      reason: 'the rule leads to another port than those that are open',
    },
  ],
});
