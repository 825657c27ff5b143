import type { CheckContext } from '../../checks/define-check.js';
import { checks } from '../../checks/index.js';
import type { BrokenLink, Diagnosis, Status } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { RankedFinding } from '../model/finding.js';
import type { Located } from '../model/located.js';
import { wireLink } from '../model/path-queries.js';
import type { FlowWalk } from '../routing/flow-walk-types.js';
import { walkFlow } from '../routing/walk-flow.js';
import { brokenBy, brokenLink, directionOf, seenLine } from './broken-link.js';
import { checkContext } from './check-context.js';
import { locate } from './locate.js';
import { metOn } from './met.js';
import { ownerOf } from './owners.js';
import { type Ranking, rank } from './rank.js';
import { type CheckResults, runChecks } from './run-checks.js';
import { unexplainedDrop } from './unexplained-drop.js';

const IP_AND_ICMP_HEADERS = 28;

/** The conclusion from one run's evidence: a pure function, so that a stored run gives the same again. */
export const diagnose = (evidence: Evidence): Diagnosis => {
  const { located, walk, context } = examine(evidence);
  const concluded = conclude(evidence, located, walk, runChecks(checks, evidence, context));
  return { ...concluded, findings: concluded.findings.map((found) => withOwner(found, context)), met: metOn(walk) };
};

const withOwner = (finding: RankedFinding, { networks }: CheckContext): RankedFinding => {
  const origin = finding.origin ?? ownerOf(finding, networks);
  return origin ? { ...finding, origin } : finding;
};

/** What the captures saw, what the state predicts, and what the checks may know of both. */
export const examine = (
  evidence: Evidence,
): { readonly located: Located; readonly walk: FlowWalk; readonly context: CheckContext } => {
  const located = locate(evidence.path, evidence.sightings, evidence.captures, evidence.probe);
  const walk = walkFlow({
    flow: evidence.flow,
    path: evidence.path,
    states: evidence.before,
    length: evidence.probeSettings.size + IP_AND_ICMP_HEADERS,
    replyDevice: replyDevice(evidence, located),
  });
  return { located, walk, context: checkContext(evidence, located, walk) };
};

const conclude = (evidence: Evidence, located: Located, walk: FlowWalk, results: CheckResults): Diagnosis => {
  const base = {
    counts: located.counts,
    rewrites: located.rewrites,
    ruledOut: results.ruledOut,
    skipped: results.skipped,
  };
  const refusal = refusedHere(evidence, located, walk);
  if (evidence.probe && evidence.probe.failure === null && located.sent > 0 && located.answered >= located.sent) {
    if (refusal === null) return { ...base, ...answered(evidence, located) };
    return { ...base, ...inconclusive([refusal], located, null) };
  }

  const ranking = rank(results.findings, located, evidence);
  const [first] = ranking.findings;
  const broken = brokenBy(evidence.path, located);
  const doubts = doubtsAbout(evidence, located, ranking, first ?? null);
  if (first && doubts.length === 0) {
    const [seen] = seenLine(evidence, located, broken);
    const root: RankedFinding = seen ? { ...first, proof: [seen, ...first.proof] } : first;
    return {
      ...base,
      ...headline(located, root),
      direction: directionOf(evidence, root, broken),
      brokenLink: brokenLink(evidence, located, broken, root),
      findings: [root, ...ranking.findings.slice(1)],
      ruledOut: results.ruledOut,
      doubts: [],
    };
  }
  const wire = wireLink(evidence.path)?.id;
  const proved = located.answered > 0 || broken?.at.link !== wire;
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
      ...headline(located, drop),
      direction: broken.way,
      brokenLink: brokenLink(evidence, located, broken, drop),
      findings: [drop],
      doubts: [],
    };
  }
  const link = broken ? brokenLink(evidence, located, broken, null) : null;
  return { ...base, ...inconclusive(doubts.length > 0 ? doubts : [noAnswerDoubt(evidence)], located, link) };
};

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
  const rejects = walk.steps.find(
    ({ way, outcome, detail }) => way === 'forward' && outcome === 'reject' && detail.kind === 'hook',
  );
  const after = evidence.path.links.findIndex(({ id }) => id === rejects?.link) + 1;
  const passed = located.counts.some(
    ({ hop, forward }) => forward > 0 && evidence.path.hops.slice(after).some(({ id }) => id === hop),
  );
  return rejects === undefined || passed
    ? null
    : 'the connection is refused, and a rule of this host says so too: who refused it was not seen';
};

const answered = (evidence: Evidence, located: Located) => ({
  status: 'ok' as const,
  code: null,
  cause: null,
  title: `${evidence.flow.destinationText} answers ${evidence.target.name}`,
  summary: `${located.answered} of ${located.sent} probes were answered`,
  direction: null,
  brokenLink: null,
  confidence: null,
  findings: [],
  doubts: [],
});

const headline = (located: Located, root: RankedFinding) => ({
  status: (located.answered > 0 ? 'degraded' : 'fault') as Status,
  code: root.code,
  cause: root.cause,
  title: root.title,
  summary: located.answered > 0 ? `${located.lost} of ${located.sent} probes lost: ${root.title}` : root.title,
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
  else if (evidence.probe.failure !== null) doubts.push(`the probe could not run: ${evidence.probe.failure}`);
  for (const change of evidence.changes) doubts.push(`changed during the run: ${change.what} (${change.detail})`);
  if (root === null || root.confidence === 'possible')
    for (const { finding } of ranking.contradicted)
      doubts.push(`the rules and routes say "${finding.title}", but the captures do not agree`);
  if (root === null) doubts.push(...located.doubts);
  return doubts;
};

const noAnswerDoubt = (evidence: Evidence): string =>
  evidence.control && evidence.control.answered > 0
    ? "the requests leave this host as they should, the host's own probe is answered, and no answer comes back for the container"
    : 'the requests leave this host, and nothing comes back';

const replyDevice = (evidence: Evidence, located: Located): string | null => {
  const hops = located.replyBy.map((id) => evidence.path.hops.find((hop) => hop.id === id));
  const uplink = hops.find((hop) => hop?.role === 'uplink');
  return uplink ? null : (hops.find((hop) => hop?.role === 'alternate-uplink')?.ifname ?? null);
};
