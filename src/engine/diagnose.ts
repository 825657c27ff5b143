import { checks } from '../../checks/index.js';
import type { BrokenLink, Diagnosis, Status } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { Break, Located } from '../model/located.js';
import { hopName, linkById, wireLink } from '../model/path-queries.js';
import type { FlowWalk } from '../routing/flow-walk-types.js';
import { walkFlow } from '../routing/walk-flow.js';
import { checkContext } from './check-context.js';
import { locate } from './locate.js';
import { type Ranking, rank } from './rank.js';
import { type CheckResults, runChecks } from './run-checks.js';
import { unexplainedDrop } from './unexplained-drop.js';

const IP_AND_ICMP_HEADERS = 28;

/** The conclusion from one run's evidence: a pure function, so that a stored run gives the same again. */
export const diagnose = (evidence: Evidence): Diagnosis => {
  const located = locate(evidence.path, evidence.sightings, evidence.captures, evidence.probe);
  const walk = walkFlow({
    flow: evidence.flow,
    path: evidence.path,
    states: evidence.before,
    length: evidence.probeSettings.size + IP_AND_ICMP_HEADERS,
    replyDevice: replyDevice(evidence, located),
  });
  const results = runChecks(checks, evidence, checkContext(evidence, located, walk));
  return conclude(evidence, located, walk, results);
};

const conclude = (evidence: Evidence, located: Located, walk: FlowWalk, results: CheckResults): Diagnosis => {
  const base = {
    counts: located.counts,
    rewrites: located.rewrites,
    ruledOut: results.ruledOut,
    skipped: results.skipped,
  };
  if (evidence.probe && evidence.probe.failure === null && located.sent > 0 && located.answered >= located.sent)
    return { ...base, ...answered(evidence, located) };

  const ranking = rank(results.findings, located, evidence);
  const [first] = ranking.findings;
  const broken = brokenBy(located);
  const doubts = doubtsAbout(evidence, located, ranking, first ?? null);
  if (first && doubts.length === 0) {
    const [seen] = seenLine(evidence, located, broken);
    const root: RankedFinding = seen ? { ...first, proof: [seen, ...first.proof] } : first;
    return {
      ...base,
      ...headline(located, root),
      direction: directionOf(evidence, root, broken),
      brokenLink: brokenLink(evidence, broken, root),
      findings: [root, ...ranking.findings.slice(1)],
      ruledOut: results.ruledOut,
      doubts: [],
    };
  }
  const wire = wireLink(evidence.path)?.id;
  if (doubts.length === 0 && broken && broken.at.link !== wire && located.ambiguous.length === 0) {
    const drop = unexplainedDrop(evidence, broken.at, broken.way, seenLine(evidence, located, broken), walk);
    return {
      ...base,
      ...headline(located, drop),
      direction: broken.way,
      brokenLink: brokenLink(evidence, broken, drop),
      findings: [drop],
      doubts: [],
    };
  }
  return {
    ...base,
    status: 'inconclusive',
    code: null,
    cause: null,
    title: 'not enough was seen to decide',
    summary: doubts[0] ?? 'the packets are lost, and no witness says where',
    direction: located.way,
    brokenLink: broken ? brokenLink(evidence, broken, null) : null,
    confidence: null,
    findings: [],
    doubts: doubts.length > 0 ? doubts : [noAnswerDoubt(evidence)],
  };
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

interface BrokenAt {
  readonly at: Break;
  readonly way: Way;
}

const brokenBy = (located: Located): BrokenAt | null => {
  if (located.way === 'forward' && located.forwardBreak) return { at: located.forwardBreak, way: 'forward' };
  if (located.way === 'return' && located.returnBreak) return { at: located.returnBreak, way: 'return' };
  return null;
};

/** The way on which the root loses the packets; outside, the root knows better than the captures. */
const directionOf = (evidence: Evidence, root: RankedFinding, broken: BrokenAt | null): Way => {
  const wire = wireLink(evidence.path)?.id;
  if (!broken) return root.loses[0].way;
  if (broken.at.link !== wire) return broken.way;
  return root.loses.find((loss) => loss.link === wire)?.way ?? broken.way;
};

const brokenLink = (evidence: Evidence, broken: BrokenAt | null, root: RankedFinding | null): BrokenLink | null => {
  const id = broken?.at.link ?? root?.loses[0].link;
  const link = id === undefined ? null : linkById(evidence.path, id);
  if (!link) return null;
  const stage = root && root.place.link === link.id ? root.place.stage : (link.stages[0] ?? 'wire');
  return { from: link.from, to: link.to, stage };
};

/** What the captures saw, as the first proof line of the root. */
const seenLine = (evidence: Evidence, located: Located, broken: BrokenAt | null): readonly Proof[] => {
  if (!broken) return [];
  const name = (id: string): string => {
    const hop = evidence.path.hops.find((candidate) => candidate.id === id);
    return hop ? hopName(hop) : id;
  };
  const count = located.counts.find((candidate) => candidate.hop === broken.at.lastSeen);
  const passed = broken.way === 'forward' ? count?.forward : count?.return;
  const what = broken.way === 'forward' ? 'requests' : 'replies';
  const last = evidence.path.hops.find((hop) => hop.id === broken.at.lastSeen);
  if (last?.role === 'socket')
    return [{ kind: 'seen', text: `no request was seen on ${name(broken.at.firstMissing)}` }];
  const missing = evidence.path.hops.find((hop) => hop.id === broken.at.firstMissing);
  const end = missing?.captured
    ? `${name(broken.at.firstMissing)} saw none`
    : `nothing came back from ${name(broken.at.firstMissing)}`;
  return [{ kind: 'seen', text: `${passed ?? 0} of ${located.sent} ${what} pass ${name(broken.at.lastSeen)}; ${end}` }];
};

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
