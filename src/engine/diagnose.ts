import type { CheckContext } from '../../checks/define-check.js';
import { checks } from '../../checks/index.js';
import type { BrokenLink, Diagnosis, Status } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Located } from '../model/located.js';
import { deliveryLink, wireLink } from '../model/path-queries.js';
import { headerBytes, packetsOf } from '../model/probe.js';
import type { FlowWalk, WalkInput } from '../routing/flow-walk-types.js';
import { losesOwnAnswer } from '../routing/walk-control.js';
import { walkFlow } from '../routing/walk-flow.js';
import { walkPublished } from '../routing/walk-published.js';
import {
  answeredByOther,
  answeredInVain,
  ELSEWHERE,
  isAnsweredElsewhere,
  isHandedOn,
  isMeantForProxy,
  refusedTooNear,
} from './answered-elsewhere.js';
import { type BrokenAt, brokenBy, brokenLink, directionOf, seenLine } from './broken-link.js';
import { checkContext } from './check-context.js';
import { connectionWords, hangsBecause, silentBecause } from './connection-words.js';
import { fullSizeEvidence, withFullSize } from './judge-full-size.js';
import { isKernelSeen, withKernelSeen } from './kernel-witness.js';
import { locate } from './locate.js';
import { lossShares, wilsonInterval } from './loss-shares.js';
import { metOn } from './met.js';
import { findingsOnceMended } from './once-mended.js';
import { orderOfEvents } from './order-of-events.js';
import { otherPortDoubt } from './other-port.js';
import { withOwnProcess } from './own-process.js';
import { ownerOf } from './owners.js';
import { isBlind, type Ranking, rank } from './rank.js';
import { replyDevice, replyMac } from './reply-way.js';
import { type CheckedFinding, type CheckResults, runChecks } from './run-checks.js';
import { fileOf } from './setting-files.js';
import { unexplainedDrop } from './unexplained-drop.js';

const ofNetwork = checks.filter(({ meta }) => !meta.ofProcess);

/** The conclusion from one run's evidence: a pure function, so that a stored run gives the same again. */
export const diagnose = (evidence: Evidence): Diagnosis => {
  const { diagnosis: small, context } = diagnoseProbe(evidence);
  const diagnosis =
    evidence.fullSize && small.status === 'ok'
      ? withFullSize(small, evidence.fullSize, () => diagnoseProbe(fullSizeEvidence(evidence)).diagnosis)
      : small;
  return evidence.process ? withOwnProcess(diagnosis, evidence, context) : diagnosis;
};

/** The conclusion from the probe alone, and what the checks knew for it. */
const diagnoseProbe = (whole: Evidence): { readonly diagnosis: Diagnosis; readonly context: CheckContext } => {
  const evidence = withoutLostControl(withKernelSeen(whole));
  const { located, walk, context } = examine(evidence);
  const concluded = conclude(evidence, located, walk, runChecks(ofNetwork, evidence, context));
  const diagnosis = {
    ...concluded,
    findings: concluded.findings.map((found) => withOwner(found, context, evidence)),
    met: metOn(walk),
    ...(evidence.traffic?.socket ? { connection: connectionWords(evidence) } : {}),
  };
  return { diagnosis, context };
};

/** The evidence without the host's own probe where the host loses the answer to that itself. */
const withoutLostControl = (evidence: Evidence): Evidence => {
  if (evidence.control?.failure !== null || evidence.control.answered > 0 || evidence.inbound) return evidence;
  const { walk, input } = examine(evidence);
  return losesOwnAnswer(input, walk) ? { ...evidence, control: null } : evidence;
};

const withOwner = (finding: RankedFinding, { networks }: CheckContext, evidence: Evidence): RankedFinding => {
  const origin = finding.origin ?? ownerOf(finding, networks, evidence.deviceManagers) ?? fileOf(finding, evidence);
  const order = finding.rank === 'root' ? orderOfEvents(finding, evidence) : null;
  const told = order ? { ...finding, proof: [...finding.proof, order] as const } : finding;
  return origin ? { ...told, origin } : told;
};

/** What the captures saw, what the state predicts, and what the checks may know of both. */
export const examine = (
  evidence: Evidence,
): {
  readonly located: Located;
  readonly walk: FlowWalk;
  readonly input: WalkInput;
  readonly context: CheckContext;
} => {
  const { flow, path, inbound, probe } = evidence;
  const located = locate(path, evidence.sightings, evidence.captures, probe, { published: asksService(evidence) });
  const input: WalkInput = {
    flow,
    path,
    states: evidence.before,
    length: evidence.probeSettings.size + headerBytes(flow.family),
    replyDevice: inbound ? null : replyDevice(evidence, located),
    replyMac: inbound ? null : replyMac(evidence),
  };
  const walked = (of: WalkInput): FlowWalk =>
    inbound
      ? walkPublished({
          ...of,
          container: { address: inbound.container, port: inbound.port ?? inbound.proxy?.port ?? null },
        })
      : walkFlow(of);
  const walk = walked(input);
  const anew = (): FlowWalk => walked({ ...input, anew: true });
  return { located, walk, input, context: checkContext(evidence, located, { input, walk, anew }) };
};

/** What the packets meet besides once the first is mended, where they then come from another address. */
const behindOnceMended = (
  evidence: Evidence,
  found: readonly CheckedFinding[],
  ranking: Ranking,
): readonly RankedFinding[] =>
  findingsOnceMended(evidence, found, ranking, (other) => runChecks(ofNetwork, other, examine(other).context).findings);

/** Whether a program is meant at the end of the path, so that a refusal is no answer. A connection that exists was taken there. */
const asksService = ({ inbound, flow }: Evidence): boolean =>
  inbound !== undefined || (flow.protocol !== 'icmp' && flow.established !== true);

const conclude = (evidence: Evidence, located: Located, walk: FlowWalk, results: CheckResults): Diagnosis => {
  const losses = lossShares(located);
  const base = {
    ...(losses.length > 0 ? { losses } : {}),
    counts: located.counts,
    rewrites: located.rewrites,
    ruledOut: results.ruledOut,
    skipped: results.skipped,
  };
  const near = refusedTooNear(evidence, results);
  if (near !== null) return { ...base, ...near };
  const refusal = refusedHere(evidence, located, walk) ?? cutShort(evidence);
  if (evidence.probe && evidence.probe.failure === null && located.sent > 0 && located.answered >= located.sent) {
    if (refusal !== null) return { ...base, ...inconclusive([refusal], located, null) };
    const vain = answeredInVain(evidence, results);
    if (vain !== null) return { ...base, ...vain };
    const isElsewhere = isAnsweredElsewhere(evidence, located) || isHandedOn(evidence, located, results);
    if (!isElsewhere || isMeantForProxy(evidence)) return { ...base, ...answered(evidence, located) };
    const other = answeredByOther(evidence, located, results);
    return { ...base, ...(other ?? inconclusive([ELSEWHERE], located, null)) };
  }

  const ranking = rank(results.findings, located, evidence);
  const [first] = ranking.findings;
  const broken = isBlind(evidence, located) ? null : brokenBy(evidence.path, located);
  const doubts = [
    ...doubtsAbout(evidence, located, ranking, first ?? null),
    ...(refusal !== null && (!first || first.check === 'pub-service-not-listening') ? [refusal] : []),
  ];
  if (first && doubts.length === 0) {
    const [seen] = seenLine(evidence, located, broken);
    const [head, ...more] = seen ? [seen, ...first.proof] : first.proof;
    const root: RankedFinding = { ...first, proof: [head, ...more, ...siblingProof(evidence)] };
    return {
      ...base,
      ...headline(evidence, located, root),
      direction: directionOf(evidence, root, broken),
      brokenLink: brokenLink(evidence, located, broken, root),
      findings: [root, ...ranking.findings.slice(1), ...behindOnceMended(evidence, results.findings, ranking)],
      ruledOut: results.ruledOut,
      doubts: [],
    };
  }
  const unwitnessed = isServiceSilent(evidence, broken) || broken?.at.link === wireLink(evidence.path)?.id;
  const proved = located.answered > 0 || !unwitnessed;
  if (doubts.length === 0 && broken && proved && located.ambiguous.length === 0) {
    const drop = unexplainedDrop(
      evidence,
      broken.at,
      broken.way,
      seenLine(evidence, located, broken),
      walk,
      results.skipped,
    );
    return {
      ...base,
      ...headline(evidence, located, drop),
      direction: broken.way,
      brokenLink: brokenLink(evidence, located, broken, drop),
      findings: [drop],
      doubts: [],
    };
  }
  const link = broken ? brokenLink(evidence, located, broken, null) : null;
  return {
    ...base,
    ...inconclusive(doubts.length > 0 ? doubts : [noAnswerDoubt(evidence, located, broken)], located, link),
  };
};

/** What another container on the same bridge met: it shows what is the traced one's own, and is no reason to blame. */
const siblingProof = ({ sibling }: Evidence): readonly Proof[] =>
  sibling && sibling.probe.failure === null
    ? [
        {
          kind: 'control',
          text: `the same probe from ${sibling.name}, on the same bridge: ${sibling.probe.answered} of ${sibling.probe.sent} answered`,
          command: sibling.probe.command,
        },
      ]
    : [];

const inconclusive = (doubts: readonly string[], located: Located, link: BrokenLink | null) => ({
  status: 'inconclusive' as const,
  code: null,
  cause: null,
  title: 'not enough was seen to decide',
  summary: doubts[0] ?? 'the packets are lost, and no witness says where',
  direction: located.way,
  brokenLink: link,
  confidence: null,
  findings: [],
  doubts,
});

/**
 * Why a refusal may not be the destination's own: a rule of this host rejects the request, and no capture beyond that rule
 * saw it pass. `null` where there is no such doubt.
 */
const refusedHere = (evidence: Evidence, located: Located, walk: FlowWalk): string | null => {
  if (!evidence.probe?.answers.some(({ outcome }) => outcome === 'refused')) return null;
  if (evidence.captures.length > 0 && evidence.captures.every(({ error }) => error !== null))
    return 'the probe is refused, and no capture ran: who refused it was not seen';
  const rejects = walk.steps.find(
    ({ way, outcome, detail }) => way === 'forward' && outcome === 'reject' && detail.kind === 'hook',
  );
  const after = evidence.path.links.findIndex(({ id }) => id === rejects?.link) + 1;
  const passed = located.counts.some(
    ({ hop, forward }) => forward > 0 && evidence.path.hops.slice(after).some(({ id }) => id === hop),
  );
  return rejects === undefined || passed
    ? null
    : 'the probe is refused, and a rule of this host says so too: who refused it was not seen';
};

/** Why answers of a DNS server are of no use: they do not fit a datagram, and TCP does not bring them. */
const cutShort = ({ flow, probe }: Evidence): string | null => {
  const failed = probe?.answers.find(({ overTcp }) => overTcp !== undefined);
  if (!failed) return null;
  const host = flow.family === 6 ? `[${flow.destination}]` : flow.destination;
  return `the answers do not fit a datagram, and over TCP there is none (${failed.overTcp}): trace tcp://${host}:${flow.port}`;
};

/** What a DNS server said, each thing once. */
const saidBy = ({ flow, probe }: Evidence): string => {
  const words = new Set(probe?.answers.flatMap(({ text }) => text ?? []));
  return flow.dns === undefined || words.size === 0 ? '' : `: ${[...words].join('; ')}`;
};

/** Fewer probes bound nothing that is worth saying. */
const ENOUGH_PROBES = 20;

/** How much loss may go unseen, where all of many probes were answered. */
const lossBound = ({ sent }: Located): string =>
  sent < ENOUGH_PROBES ? '' : `; the loss is below ${(wilsonInterval(0, sent)[1] * 100).toFixed(1)} % (95 %)`;

const answered = (evidence: Evidence, located: Located) => ({
  status: 'ok' as const,
  code: null,
  cause: null,
  title: evidence.inbound
    ? `${evidence.target.name} answers ${evidence.inbound.client.name} on ${evidence.flow.destinationText}`
    : (hangsBecause(evidence) ?? `${evidence.flow.destinationText} answers ${evidence.target.name}${saidBy(evidence)}`),
  summary: `${located.answered} of ${located.sent} ${packetsOf(evidence.probe)} were answered${lossBound(located)}`,
  direction: null,
  brokenLink: null,
  confidence: null,
  findings: [],
  doubts: [],
});

const headline = ({ probe }: Evidence, located: Located, root: RankedFinding) => ({
  status: (located.answered > 0 ? 'degraded' : 'fault') as Status,
  code: root.code,
  cause: root.cause,
  title: root.title,
  summary:
    located.answered > 0 ? `${located.lost} of ${located.sent} ${packetsOf(probe)} lost: ${root.title}` : root.title,
  confidence: root.confidence,
});

const doubtsAbout = (
  evidence: Evidence,
  located: Located,
  ranking: Ranking,
  root: RankedFinding | null,
): readonly string[] => {
  const doubts: string[] = [];
  if (!evidence.probe) doubts.push('no probe was sent');
  else if (evidence.probe.failure !== null) doubts.push(failureDoubt(evidence, evidence.probe.failure));
  if (isUntried(evidence))
    for (const { finding } of ranking.contradicted) doubts.push(`the rules and sockets alone say: ${finding.title}`);
  for (const change of evidence.changes) doubts.push(`changed during the run: ${change.what} (${change.detail})`);
  if ((root === null || root.confidence === 'possible') && !isUntried(evidence))
    for (const { finding } of ranking.contradicted)
      doubts.push(`the rules and routes say "${finding.title}", but ${disagreement(evidence, located)}`);
  const otherPort = root === null ? otherPortDoubt(evidence) : null;
  if (otherPort !== null) doubts.unshift(otherPort);
  if (root === null && !isUntried(evidence)) doubts.push(...located.doubts);
  return doubts;
};

/** Who does not bear out what the rules say. */
const disagreement = (evidence: Evidence, located: Located): string => {
  if (isKernelSeen(evidence)) return 'what the kernel tells of the packets does not agree';
  if (isBlind(evidence, located)) return 'no capture ran, and neither the kernel nor a counter shows it';
  return 'the captures do not agree';
};

/** Whether nobody else sent anything while we waited: then nothing was seen that could agree or not. */
const isUntried = ({ inbound, traffic, probe }: Evidence): boolean =>
  (inbound?.client.kind === 'anyone' || traffic !== undefined) && probe !== null && probe.sent === 0;

const failureDoubt = (evidence: Evidence, failure: string): string =>
  isUntried(evidence)
    ? (hangsBecause(evidence) ?? silentBecause(evidence) ?? failure)
    : `the probe could not run: ${failure}`;

/** Whether datagrams came as far as any capture can see, and nothing came back: a service need not answer. */
const isServiceSilent = ({ flow, path, kernelDrops }: Evidence, broken: BrokenAt | null): boolean =>
  flow.protocol === 'udp' &&
  flow.dns === undefined &&
  broken?.way === 'forward' &&
  [wireLink(path)?.id, deliveryLink(path)?.id].includes(broken.at.link) &&
  kernelDrops.every(({ link, way }) => link !== broken.at.link || way !== 'forward');

const noAnswerDoubt = (evidence: Evidence, located: Located, broken: BrokenAt | null): string => {
  if (isBlind(evidence, located))
    return 'no capture ran, and neither the kernel nor a counter tells where the packets are lost';
  if (!isServiceSilent(evidence, broken)) return noEchoDoubt(evidence);
  const end = broken?.at.link === wireLink(evidence.path)?.id ? 'leave this host' : 'come as far as can be seen';
  return `the datagrams ${end}, and neither an answer nor a port unreachable comes back: a UDP service may stay silent about what it does not understand`;
};

const noEchoDoubt = (evidence: Evidence): string =>
  evidence.control && evidence.control.answered > 0
    ? "the requests leave this host as they should, the host's own probe is answered, and no answer comes back for the container"
    : 'the requests leave this host, and nothing comes back';
