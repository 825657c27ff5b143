import type { Diagnosis } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Located } from '../model/located.js';
import type { Link } from '../model/path.js';
import { linkById } from '../model/path-queries.js';
import { firstPacket } from '../routing/probe-packet.js';
import { isLoopback, serviceFor } from '../routing/service.js';
import type { CheckedFinding, CheckResults } from './run-checks.js';

/** Why answers alone do not say that a published port works. */
export const ELSEWHERE =
  'the connections are answered, and no capture on the way to the container saw them: something else may answer';

/**
 * Whether docker-proxy takes what Docker's rules leave to it: connections to loopback addresses, and of containers of its own
 * bridges. That is how Docker means it.
 */
export const isMeantForProxy = (evidence: Evidence): boolean => {
  const { inbound, flow, path } = evidence;
  if (!inbound || !isProxyServed(evidence)) return false;
  const isLocal = inbound.client.kind === 'host' && isLoopback(flow.destination);
  return isLocal || path.hops[1]?.role === 'veth-host';
};

/** Whether nothing shows that what answers on a published port is the container. */
export const isAnsweredElsewhere = ({ inbound, path }: Evidence, located: Located): boolean => {
  const [router] = path.routers;
  const into = router && linkById(path, router.link);
  if (!inbound || !into) return false;
  const beyond = path.hops.slice(path.hops.findIndex(({ id }) => id === into.to));
  return !located.counts.some(({ hop, forward }) => forward > 0 && beyond.some(({ id }) => id === hop));
};

/**
 * Whether docker-proxy, not a rule, brought datagrams to the container: the captures follow them by their payload, and see
 * another source behind the host.
 */
export const isHandedOn = ({ inbound, path }: Evidence, { rewrites }: Located, { findings }: CheckResults): boolean => {
  const [router] = path.routers;
  const link = router && linkById(path, router.link);
  if (!link || !inbound?.proxy) return false;
  const isUntranslated = findings.some(
    ({ finding }) => finding.place.link === link.id && FIRST_HOOKS.has(finding.place.stage),
  );
  return (
    isUntranslated &&
    rewrites.some(({ way, field, fromHop }) => way === 'forward' && field === 'source' && fromHop === link.from)
  );
};

/** Where published ports are translated. */
const FIRST_HOOKS: ReadonlySet<string> = new Set(['prerouting', 'output']);

/**
 * Of connections to a published port that were answered before the container saw them: what answered in its place, as a check
 * explains it. `null` for every other flow, and where no check does.
 */
export const answeredByOther = (
  evidence: Evidence,
  { rewrites }: Located,
  { findings }: CheckResults,
): Concluded | null => {
  const router = evidence.path.routers[0];
  if (!evidence.inbound || !router) return null;
  const found = findings.find(({ finding }) => finding.loses.some(({ link }) => link === router.link));
  const link = linkById(evidence.path, router.link);
  if (!found || !link) return null;
  const byProxy = evidence.inbound.proxy !== null && isProxyServed(evidence);
  const source = rewrites.find(
    ({ way, field, fromHop }) => way === 'forward' && field === 'source' && fromHop === link.from,
  );
  const seen: Proof = {
    kind: 'seen',
    text: source
      ? `the datagrams reach the container from ${source.after} in place of ${source.before}`
      : 'the connections are answered, and the container sees none of them',
  };
  const fault = concluded(found, link, seen);
  return byProxy
    ? {
        ...fault,
        status: 'degraded',
        summary: 'docker-proxy hands them on: the container sees the address of its bridge in place of the client',
      }
    : fault;
};

/** Whether a cause says that a refusal comes from where the service is not meant to be: the container itself, or this host. */
const isTooNear = (cause: string, { flow }: Evidence): boolean =>
  cause === 'app-localhost-means-container' || (cause === 'host-dest-is-local-vip' && flow.kind === 'to-host');

/** Of connections that are refused nearer than where they are meant to go: why. `null` for all others. */
export const refusedTooNear = (evidence: Evidence, { findings }: CheckResults): Concluded | null => {
  const { path, probe } = evidence;
  if (!probe || probe.sent === 0 || !probe.answers.every(({ outcome }) => outcome === 'refused')) return null;
  const found = findings.find(({ finding }) => isTooNear(finding.cause, evidence));
  const link = found && linkById(path, found.finding.place.link);
  return found && link
    ? concluded(found, link, { kind: 'seen', text: 'every connection is refused, and none leaves this host' })
    : null;
};

/** Of queries that were answered, and whose answer is of no use to the container: why, as a check explains it. */
export const answeredInVain = ({ flow, path }: Evidence, { findings }: CheckResults): Concluded | null => {
  const found = flow.dns && findings.find(({ finding }) => finding.cause === 'dns-host-docker-internal-missing');
  const link = found && linkById(path, found.finding.place.link);
  return found && link
    ? concluded(found, link, {
        kind: 'seen',
        text: `the queries for ${flow.dns?.name} are answered: there is no such name`,
      })
    : null;
};

const concluded = ({ finding, check }: CheckedFinding, link: Link, seen: Proof): Concluded => {
  const root: RankedFinding = {
    ...finding,
    code: check.meta.code,
    check: check.meta.id,
    rank: 'root',
    confidence: 'certain',
    proof: [seen, ...finding.proof],
  };
  return {
    status: 'fault',
    code: root.code,
    cause: root.cause,
    title: root.title,
    summary: root.title,
    direction: 'forward',
    brokenLink: { from: link.from, to: link.to, stage: root.place.stage },
    confidence: root.confidence,
    findings: [root],
    doubts: [],
  };
};

type Concluded = Omit<Diagnosis, 'counts' | 'rewrites' | 'losses' | 'ruledOut' | 'skipped'>;

/** Whether the container's service is there for docker-proxy. */
const isProxyServed = ({ inbound, flow, before }: Evidence): boolean => {
  const sockets = before['target']?.sockets;
  if (!inbound?.proxy || !sockets?.ok) return false;
  const { container, port } = inbound.proxy;
  const made = firstPacket({ ...flow, destination: container, port }, 0);
  return serviceFor(sockets.value, made)?.listens === 'yes';
};
