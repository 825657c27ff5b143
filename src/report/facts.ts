import type { Way } from '../model/flow.js';
import type { Stage } from '../model/path.js';
import type { Run, RunFinding, RunHop } from '../model/run.js';

/** What renderers say about a run in the same words. Texts that come from the host are not made inert here. */
const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  socket: 'the sending socket',
  route: 'the routing step',
  output: 'the output filter',
  postrouting: 'postrouting (NAT)',
  neighbour: 'address resolution',
  qdisc: 'the queue of the device',
  veth: 'the veth pair',
  tc: 'traffic control',
  'bridge-port': 'the bridge port',
  'bridge-forward': 'forwarding inside the bridge',
  prerouting: 'prerouting',
  forward: 'the forward filter',
  input: 'the input filter',
  wire: 'the wire',
  outside: 'the network outside',
};

export const stageWords = (stage: Stage): string => STAGE_WORDS[stage] ?? stage;

export const rootOf = (run: Run): RunFinding | null => run.findings.find((finding) => finding.rank === 'root') ?? null;

export const ofRank = (run: Run, rank: RunFinding['rank']): readonly RunFinding[] =>
  run.findings.filter((finding) => finding.rank === rank);

/** Hops on the request's way, without the sending socket. */
export const shownHops = (run: Run): readonly RunHop[] => run.path.hops.filter((hop) => hop.role !== 'socket');

export const hopById = (run: Run, id: string): RunHop | null => run.path.hops.find((hop) => hop.id === id) ?? null;

export const hopNumber = (hop: Pick<RunHop, 'id'>): string => hop.id.replace(/^h/, '');

/** `br0`, `203.0.113.5` for the outside, or the role. */
export const hopTitle = (run: Run, hop: RunHop): string => hop.ifname ?? endTitle(run, hop.role);

/** The ends of a path: of a flow that comes in the client and the container, else the destination. */
const endTitle = ({ flow, target }: Run, role: RunHop['role']): string => {
  if (role !== 'outside' && role !== 'service') return role;
  if (flow.kind !== 'inbound') return flow.destination;
  if (role === 'service') return target.name;
  return flow.source ?? 'client';
};

/** `hop 3 br0`, or `the container's socket`. */
export const hopPhrase = (run: Run, id: string): string => {
  const hop = hopById(run, id);
  if (hop === null) return id;
  return hop.role === 'socket'
    ? `the ${run.flow.kind === 'inbound' ? 'host' : 'container'}'s socket`
    : `hop ${hopNumber(hop)} ${hopTitle(run, hop)}`;
};

/** What people call a namespace of the run: the container's name, the host's name, or the namespace's. */
export const netnsTitle = (run: Run, id: string): string => {
  if (id === 'host') return run.run.hostname;
  if (id === 'target') return run.target.name;
  return run.evidence?.netns.find((netns) => netns.id === id)?.name ?? id;
};

export const wayWords = (way: Way): string => (way === 'forward' ? 'request' : 'reply');

/** Whether the broken link loses packets of this way. */
export const breaksOn = (run: Run, way: Way): boolean =>
  run.diagnosis.brokenLink !== undefined && (run.diagnosis.direction ?? 'forward') === way;

/** `error V3001`, `warning V4002`, `ok`, `inconclusive`. */
export const statusLabel = (run: Run): string => {
  const { status, code } = run.diagnosis;
  if (status === 'ok' || status === 'inconclusive') return status;
  return [status === 'degraded' ? 'warning' : 'error', code].filter((part) => part !== null).join(' ');
};

/** `ICMP echo`, `TCP port 443`. */
export const probeWords = (run: Run): string => {
  const { protocol, port, dns } = run.flow;
  if (dns) return `DNS query for ${dns.name}`;
  return protocol === 'icmp' ? 'ICMP echo' : `${protocol.toUpperCase()} port ${port ?? '?'}`;
};

/** `2026-11-20 02:51:07 UTC`. */
export const startedWords = (run: Run): string => `${run.run.started.replace('T', ' ').replace(/(\.\d+)?Z$/, '')} UTC`;

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Whether our probes pass, and the target's own process is what cannot. */
export const isOwnProcess = ({ probe, diagnosis, path }: Run): boolean =>
  probe !== null &&
  probe.sent > 0 &&
  probe.answered === probe.sent &&
  diagnosis.brokenLink?.stage === 'socket' &&
  diagnosis.brokenLink.from === path.hops[0]?.id &&
  diagnosis.brokenLink.to === path.hops[1]?.id &&
  path.hops[0].role === 'socket' &&
  path.hops.length > 3;
