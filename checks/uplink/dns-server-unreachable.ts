import type { Finding, Proof } from '../../src/model/finding.js';
import type { DnsQuestion } from '../../src/model/flow.js';
import type { ProbeOutcome } from '../../src/model/probe.js';
import { type CheckContext, defineCheck, fail, notApplicable } from '../define-check.js';
import { type DeadNextHop, deadNextHop, lostAtNextHop } from '../support/next-hop.js';
import { type SilentOutside, silentOutside } from '../support/silent-outside.js';

export const dnsServerUnreachable = defineCheck({
  meta: {
    id: 'dns-server-unreachable',
    code: 'V7500',
    title: 'the DNS server answers',
    covers: ['dns-server-unreachable', 'dns-upstream-blocks-53'],
    requires: ['host.addresses', 'host.links'],
    references: ['man 5 resolv.conf', 'RFC 1035 §4.2'],
  },
  page: {
    meaning: 'The queries leave this host as they should, and the DNS server, or what lies before it, is silent.',
    path: 'uplink -> outside: a server that is gone, an address that belongs to nobody, or a firewall upstream that blocks port 53.',
    decided:
      "All queries are seen on the uplink and no answer arrives there, and the same query from the host itself is not answered either; or nobody answers ARP for the server's own address. Two echoes and a TCP connection to the same port then tell a server that is gone from one whose port 53 is blocked: dns-upstream-blocks-53 needs TCP to be taken, or echoes to be answered and TCP to be swallowed like the queries.",
    byHand: [
      'dig @203.0.113.5 example.test',
      'tcpdump -p -ni eth0 port 53',
      'trace CONTAINER 203.0.113.5, to see whether the server itself is there',
    ],
    origins: [
      'a company network that lets only its own resolver out to port 53',
      'Docker falls back to public servers where the host has loopback ones alone',
      "the server has moved, and the container still has the old resolv.conf of the host's",
    ],
    fixes: [
      'dockerd: "dns" in daemon.json; docker run --dns SERVER: with a server that the host itself can reach',
      'ask those who run the network upstream, with this report',
    ],
    prevention: 'Give containers the resolver that the host uses.',
    lab: 'dns-upstream-blocks-53',
  },
  run(artifacts, context) {
    const { dns } = context.flow;
    if (!dns) return notApplicable('the probe asks no DNS server');
    const dead = deadNextHop(context, artifacts['host.links']);
    const isHostAnswered = context.control?.failure === null && context.control.answered > 0;
    if (dead?.address === context.flow.destination && dead.link?.flags.includes('LOWER_UP') && !isHostAnswered)
      return fail(nobodyThere(context, dead));
    const silence = silentOutside(artifacts, context);
    return 'status' in silence ? silence : fail(noAnswer(context, dns, silence));
  },
});

const remedies: Finding['remedies'] = [
  {
    kind: 'instruction',
    title:
      'nothing on this host can mend it: give the container a DNS server that answers the host (dockerd "dns", docker run --dns), or see that this one is up and port 53 open upstream',
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  },
];

const nobodyThere = (context: CheckContext, dead: DeadNextHop): Finding => {
  const lost = lostAtNextHop(context, dead);
  return {
    cause: 'dns-server-unreachable',
    title: `no machine has the DNS server's address ${dead.address}`,
    ...lost,
    proof: [...lost.proof, ...hostProof(context)],
    remedies,
  };
};

/**
 * What is there although no query is answered: `port`, a program takes connections to the same port over TCP; `machine`, it
 * answers echoes, and of a port without a program it would say so. A machine that refuses TCP says that no server runs.
 */
const whoIsThere = ({ server }: CheckContext): 'port' | 'machine' | null => {
  if (server === null) return null;
  const outcomes = server.tcp.answers.map(({ outcome }) => outcome);
  if (outcomes.includes('answered')) return 'port';
  return server.icmp.answered > 0 && outcomes.length > 0 && outcomes.every((outcome) => outcome === 'timeout')
    ? 'machine'
    : null;
};

const TITLES = {
  port: 'takes TCP, but answers no query over UDP',
  machine: 'is up, but port 53 is silent',
} as const;

const noAnswer = (context: CheckContext, { name }: DnsQuestion, silence: SilentOutside): Finding => ({
  cause: whoIsThere(context) ? 'dns-upstream-blocks-53' : 'dns-server-unreachable',
  title: titleOf(context, silence),
  place: { link: silence.wire.id, stage: 'outside', way: 'forward', netns: 'host', device: silence.device },
  loses: [{ link: silence.wire.id, way: 'forward' }],
  proof: [
    {
      kind: 'seen',
      text: `queries for ${name} leave ${silence.device} as ${silence.source ?? '?'}`,
      command: ['dig', `@${context.flow.destination}`, name],
    },
    ...hostProof(context),
    ...serverProof(context),
  ],
  remedies,
  notes: silence.own
    ? []
    : [
        `the source ${silence.source ?? '?'} is private; once the outside answers the host, that will be the next fault`,
      ],
});

const titleOf = (context: CheckContext, { control }: SilentOutside): string => {
  const { destination } = context.flow;
  const there = whoIsThere(context);
  if (there) return `DNS server ${destination} ${TITLES[there]}`;
  return control
    ? `DNS server ${destination} answers neither container nor host`
    : `the DNS server ${destination} does not answer`;
};

const TCP_WORDS: Readonly<Record<ProbeOutcome, string>> = {
  answered: 'taken',
  refused: 'refused',
  error: 'answered by an error',
  timeout: 'not answered',
  'not-sent': 'not sent',
};

/** What the server says to echoes and to TCP, from the container. */
const serverProof = ({ server, flow }: CheckContext): readonly Proof[] => {
  if (server === null) return [];
  const { icmp, tcp } = server;
  const [attempt] = tcp.answers;
  return [
    {
      kind: 'control',
      text: `echoes to ${flow.destination} from the container: ${icmp.answered} of ${icmp.sent} answered`,
      command: icmp.command,
    },
    ...(attempt
      ? [
          {
            kind: 'control' as const,
            text: `a TCP connection to port ${flow.port} from the container is ${TCP_WORDS[attempt.outcome]}`,
            command: tcp.command,
          },
        ]
      : []),
  ];
};

const hostProof = ({ control }: CheckContext): readonly Proof[] =>
  control?.failure === null
    ? [
        {
          kind: 'control',
          text: `the same query from the host itself: ${control.answered} of ${control.sent} answered`,
          command: control.command,
        },
      ]
    : [{ kind: 'inferred', text: 'the host itself was not probed' }];
