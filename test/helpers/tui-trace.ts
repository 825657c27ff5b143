import type { Diagnosis } from '../../src/model/diagnosis.js';
import type { Met } from '../../src/model/met.js';
import type { Packet, Sighting } from '../../src/model/packet.js';
import type { Path } from '../../src/model/path.js';
import type { Run, RunEvent, RunFinding, RunHop } from '../../src/model/run.js';
import { smallRun } from './small-run.js';

/** 2026-11-20 02:51:07 UTC. */
export const STARTED = Date.UTC(2026, 10, 20, 2, 51, 7);

const NAMES = ['socket', 'eth0', 'veth1_p', 'br0', 'eth0', 'outside'] as const;
const ROLES = ['socket', 'container', 'veth-host', 'bridge', 'uplink', 'outside'] as const;
const STAGES: Path['links'][number]['stages'][] = [
  ['route', 'output', 'postrouting', 'neighbour', 'qdisc'],
  ['veth'],
  ['tc', 'bridge-port', 'bridge-forward'],
  ['prerouting', 'route', 'forward', 'postrouting', 'neighbour', 'qdisc'],
  ['wire', 'outside'],
];

/** The textbook path; `names` replaces interface names by their hop. */
export const textbook = (names: Readonly<Record<number, string>> = {}): Path => ({
  hops: ROLES.map((role, index) => {
    const captured = role !== 'socket' && role !== 'outside';
    return {
      id: `h${index}`,
      role,
      netns: index < 2 ? 'target' : 'host',
      ifname: captured ? (names[index] ?? NAMES[index] ?? null) : null,
      ifindex: captured ? index + 1 : null,
      captured,
    };
  }),
  links: STAGES.map((stages, index) => ({
    id: `h${index}-h${index + 1}`,
    from: `h${index}`,
    to: `h${index + 1}`,
    stages,
  })),
  routers: [{ netns: 'host', link: 'h3-h4', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' }],
  notes: [],
});

const packet = (at: number, reply: boolean, probe: number, nat: boolean): Packet => ({
  at,
  macSource: null,
  macDestination: null,
  vlan: null,
  length: 98,
  truncated: false,
  arp: null,
  ip: {
    family: 4,
    source: reply ? '203.0.113.5' : nat ? '198.51.100.10' : '192.168.0.2',
    destination: reply ? (nat ? '198.51.100.10' : '192.168.0.2') : '203.0.113.5',
    protocol: 1,
    ttl: 64,
    id: 1,
    dontFragment: true,
    fragmentOffset: 0,
    moreFragments: false,
  },
  icmp: { type: reply ? 0 : 8, code: 0, id: 7, sequence: probe, token: 'abcdabcd', nextHopMtu: null, quoted: null },
  tcp: null,
  udp: null,
});

/** How far requests and replies come: the last hop that sees them; replies are counted from outside. */
export interface Reach {
  readonly requests: number;
  /** Nearest hop to the container that a reply reaches; `null` without replies. */
  readonly replies: number | null;
}

export const sightingsOf = ({ requests, replies }: Reach): readonly Sighting[] =>
  [1, 2, 3].flatMap((probe) => [
    ...[1, 2, 3, 4]
      .filter((hop) => hop <= requests)
      .map(
        (hop): Sighting => ({
          hop: `h${hop}`,
          kind: 'request',
          way: 'forward',
          probe,
          packet: packet(probe * 20_000_000 + hop * 4000, false, probe, hop === 4),
        }),
      ),
    ...[4, 3, 2, 1]
      .filter((hop) => replies !== null && hop >= replies)
      .map(
        (hop): Sighting => ({
          hop: `h${hop}`,
          kind: 'reply',
          way: 'return',
          probe,
          packet: packet(probe * 20_000_000 + 100_000 - hop * 4000, true, probe, hop === 4),
        }),
      ),
  ]);

/** Events of a trace up to the end of its probe. */
export const eventsOf = (reach: Reach, path = textbook()): readonly RunEvent[] => [
  { type: 'phase', phase: 'resolve', ms: 0 },
  { type: 'target', target: smallRun('3f9c').target },
  { type: 'phase', phase: 'discover', ms: 2 },
  { type: 'path', path, flow: smallRun('3f9c').flow },
  { type: 'announce', what: 'ask host for its route', command: ['ip', 'route', 'get', '203.0.113.5', 'iif', 'br0'] },
  { type: 'phase', phase: 'probe', ms: 100 },
  ...sightingsOf(reach).map((sighting): RunEvent => ({ type: 'arrival', sighting })),
];

/** Rules that the walk meets on the router's link. */
export const MET: readonly Met[] = [
  {
    way: 'forward',
    link: 'h3-h4',
    stage: 'route',
    netns: 'host',
    outcome: 'drop',
    text: 'forwarding off on br0',
    rules: [],
  },
  {
    way: 'forward',
    link: 'h3-h4',
    stage: 'postrouting',
    netns: 'host',
    outcome: 'pass',
    text: 'netfilter',
    rules: [{ place: 'nft ip nat POSTROUTING 1', text: '-A POSTROUTING -o eth0 -j MASQUERADE', hit: true }],
  },
];

export const diagnosisEvent = (met = MET): RunEvent => ({ type: 'diagnosis', diagnosis: { met } as Diagnosis });

export const FINDING: RunFinding = {
  code: 'V3001',
  cause: 'host-ip-forward-off',
  check: 'host-ip-forward-off',
  rank: 'root',
  link: 'h3-h4',
  stage: 'route',
  direction: 'forward',
  netns: 'host',
  confidence: 'certain',
  title: 'host does not forward packets: net.ipv4.ip_forward = 0',
  evidence: [
    { kind: 'seen', text: '3 of 3 requests pass br0; eth0 saw none' },
    { kind: 'read', text: 'net.ipv4.ip_forward = 0' },
    { kind: 'counted', text: 'Ip.InAddrErrors rose by 3 during the probe' },
  ],
  notes: ['applications only see time-outs'],
  remedies: [
    {
      kind: 'runtime',
      title: 'turn forwarding on now (lost at reboot)',
      netns: 'host',
      commands: [['sysctl', '-w', 'net.ipv4.ip_forward=1']],
      undo: [['sysctl', '-w', 'net.ipv4.ip_forward=0']],
      risk: 'medium',
      riskText: 'the host becomes a router on every interface',
    },
  ],
};

/** The run document of a trace with this reach. */
export const runOf = (
  reach: Reach,
  diagnosis: Partial<Run['diagnosis']>,
  findings: readonly RunFinding[] = [],
  path = textbook(),
): Run => {
  const sightings = sightingsOf(reach);
  const seen = (hop: string, kind: Sighting['kind']) =>
    sightings.filter((one) => one.hop === hop && one.kind === kind).length;
  const small = smallRun('3f9c');
  const answered = reach.replies === 1 ? 3 : 0;
  return {
    ...small,
    probe: {
      command: ['ping', '203.0.113.5'],
      protocol: 'icmp',
      token: 'abcdabcd',
      sent: 3,
      answered,
      answers: [1, 2, 3].map((probe) => ({
        probe,
        outcome: answered > 0 ? ('answered' as const) : ('timeout' as const),
        rttMs: answered > 0 ? 0.1 * probe : null,
        text: null,
        from: null,
      })),
      localError: null,
      failure: null,
      output: '',
    },
    path: {
      ...path,
      hops: path.hops.map(
        (hop): RunHop => ({
          ...hop,
          forward: { seen: seen(hop.id, 'request'), of: 3 },
          return: { seen: seen(hop.id, 'reply'), of: 3 },
          captureDropped: hop.captured ? 0 : null,
        }),
      ),
    },
    diagnosis: { ...small.diagnosis, ...diagnosis },
    findings,
  };
};

export const brokenForward = (path = textbook()): Run =>
  runOf(
    { requests: 3, replies: null },
    {
      status: 'fault',
      code: 'V3001',
      cause: 'host-ip-forward-off',
      title: FINDING.title,
      direction: 'forward',
      brokenLink: { from: 'h3', to: 'h4', stage: 'route' },
      confidence: 'certain',
    },
    [FINDING],
    path,
  );

export const brokenReturn = (): Run =>
  runOf(
    { requests: 4, replies: 4 },
    {
      status: 'fault',
      code: 'V4002',
      title: 'FORWARD drops the answers',
      direction: 'return',
      brokenLink: { from: 'h3', to: 'h4', stage: 'forward' },
      confidence: 'likely',
      rewrites: [
        { way: 'forward', fromHop: 'h3', toHop: 'h4', field: 'source', before: '192.168.0.2', after: '198.51.100.10' },
      ],
    },
    [
      {
        ...FINDING,
        code: 'V4002',
        title: 'FORWARD drops the answers',
        stage: 'forward',
        direction: 'return',
        remedies: [],
      },
    ],
  );

export const healthy = (): Run =>
  runOf(
    { requests: 4, replies: 1 },
    {
      title: '203.0.113.5 answers net1',
      rewrites: [
        { way: 'forward', fromHop: 'h3', toHop: 'h4', field: 'source', before: '192.168.0.2', after: '198.51.100.10' },
      ],
    },
  );
