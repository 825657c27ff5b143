import type { Evidence, KernelDrop } from '../model/evidence.js';
import type { Confidence, Finding, LossPlace, Place, Proof, RankedFinding } from '../model/finding.js';
import type { Located } from '../model/located.js';
import type { Path } from '../model/path.js';
import { deliveryLink, linkById, wireLink } from '../model/path-queries.js';
import { kernelProof } from './kernel-proof.js';
import { isKernelSeen } from './kernel-witness.js';
import { ruleTraceProof, traceAllows } from './rule-trace-proof.js';
import type { CheckedFinding } from './run-checks.js';

export interface Ranking {
  /** Root first, then those behind it in the order in which the packets would meet them, then what was noticed. */
  readonly findings: readonly RankedFinding[];
  /** Findings that the captures contradict: the packets passed where these say that they are lost. */
  readonly contradicted: readonly CheckedFinding[];
}

/**
 * Ranks what the checks found against where the captures lost the packets. The root is the first finding in packet
 * order that loses packets exactly there; findings further along are behind it. What the packets passed although a
 * finding says otherwise is contradicted and never blamed.
 */
export const rank = (found: readonly CheckedFinding[], located: Located, evidence: Evidence): Ranking => {
  const { path } = evidence;
  const ordered = inOrder(path, found);
  const losing = lossPlaces(located, evidence);
  const elsewhere = isBlind(evidence, located) ? anywhere(evidence) : [];
  const explains = ({ loses }: Finding, places: readonly LossPlace[]): boolean =>
    loses.some((loss) => places.some((seen) => same(seen, loss)));
  const explaining = ordered.filter(
    ({ finding }) =>
      traceAllows(finding, evidence) &&
      (explains(finding, losing) || (explains(finding, elsewhere) && isObserved(finding, evidence.kernelDrops))),
  );
  const root = explaining.find(({ finding }) => kernelAllows(finding, evidence.kernelDrops)) ?? explaining[0];
  if (!root) return { findings: [], contradicted: ordered };
  const explained =
    root.finding.loses.find((loss) => [...losing, ...elsewhere].some((seen) => same(seen, loss))) ??
    root.finding.loses[0];
  const reach = reachedBy(path, root.finding.place, explained);
  const others = ordered.filter((candidate) => candidate !== root && candidate.finding.cause !== root.finding.cause);
  const behind = others.filter(({ finding }) => reachOf(path, finding) >= reach);
  return {
    findings: [
      witnessed(root, explained.link, located, evidence),
      ...uniqueCauses(behind).map((candidate) => ranked(candidate, 'behind', 'possible')),
    ],
    contradicted: others.filter((candidate) => !behind.includes(candidate)),
  };
};

/** The root with what the kernel said of the same link, which is a witness of its own. */
const witnessed = (
  root: CheckedFinding,
  lostAt: string,
  located: Located,
  { kernelDrops, ruleTrace, captures }: Evidence,
): RankedFinding => {
  const { way, netns } = root.finding.place;
  const more = [kernelProof(kernelDrops, located), ruleTraceProof(ruleTrace, way, netns)].flatMap(
    (proof) => proof ?? [],
  );
  const finding: Finding = { ...root.finding, proof: [...root.finding.proof, ...more] };
  return ranked({ ...root, finding }, 'root', confidence(finding, lostAt, located, captures));
};

/** Whether the kernel's drops leave room for a cause: none on its link, or one at its stage. */
const kernelAllows = ({ place }: Finding, drops: readonly KernelDrop[]): boolean => {
  const here = drops.filter((drop) => drop.link === place.link && drop.way === place.way && drop.stages?.length);
  return here.length === 0 || here.some((drop) => drop.stages?.includes(place.stage));
};

/** A finding with the rank that it has. */
export const ranked = (
  { check, finding }: CheckedFinding,
  rankOf: RankedFinding['rank'],
  sure: Confidence,
): RankedFinding => ({
  ...finding,
  code: check.meta.code,
  check: check.meta.id,
  rank: rankOf,
  confidence: sure,
});

export const uniqueCauses = (found: readonly CheckedFinding[]): readonly CheckedFinding[] =>
  found.filter(
    (candidate, index) => found.findIndex((other) => other.finding.cause === candidate.finding.cause) === index,
  );

/**
 * The places at which the captures lost the packets. Nothing back from outside may mean either way: the host's own
 * probe decides; and what goes to this host itself is not seen after its last device, so both ways may be. Where it is answered the request got there and the answer is lost; where it is not, the outside fails.
 */
const lossPlaces = (located: Located, evidence: Evidence): readonly LossPlace[] => {
  const wire = wireLink(evidence.path)?.id;
  const delivery = deliveryLink(evidence.path)?.id;
  const places: LossPlace[] = [];
  const add = (link: string, way: LossPlace['way']) => {
    if (link === delivery) places.push({ link, way: 'forward' }, { link, way: 'return' });
    else if (link !== wire) places.push({ link, way });
    else if (evidence.control === null || evidence.control.failure !== null)
      places.push({ link, way: 'forward' }, { link, way: 'return' });
    else places.push({ link, way: evidence.control.answered > 0 ? 'return' : 'forward' });
  };
  if (located.way === 'forward' && located.forwardBreak) add(located.forwardBreak.link, 'forward');
  if (located.way === 'return' && located.returnBreak) add(located.returnBreak.link, 'return');
  if (places.length === 0 && located.way) for (const link of located.ambiguous) add(link, located.way);
  if (places.length === 0) for (const lossy of located.lossy) add(lossy.link, lossy.way);
  return places;
};

/**
 * Whether no capture ran at all, so that the packets may be lost anywhere: then only what another witness saw of them is
 * believed, a counter or an answer of the kernel, or its drop.
 */
export const isBlind = ({ captures }: Evidence, located: Located): boolean =>
  captures.length > 0 &&
  (located.ambiguous.length > 0 || located.lossy.length > 0) &&
  captures.every(({ error }) => error !== null);

const anywhere = ({ path, kernelDrops }: Evidence): readonly LossPlace[] => {
  const told = kernelDrops.flatMap(({ link, way, likely }) => (link && way && !likely ? [{ link, way }] : []));
  if (told.length > 0) return told;
  return path.links.flatMap(({ id }): LossPlace[] => [
    { link: id, way: 'forward' },
    { link: id, way: 'return' },
  ]);
};

const isObserved = ({ proof, loses }: Finding, drops: readonly KernelDrop[]): boolean =>
  proof.some(({ kind }) => kind !== 'control' && SECOND_WITNESS.includes(kind)) ||
  drops.some((drop) => loses.some(({ link, way }) => link === drop.link && way === drop.way));

const same = (a: LossPlace, b: LossPlace): boolean => a.link === b.link && a.way === b.way;

const linkIndex = (path: Path, id: string): number => {
  const index = path.links.findIndex((link) => link.id === id);
  const lastOnWay = path.hops.findIndex((hop) => hop.role === 'outside' || hop.role === 'service');
  return lastOnWay >= 0 && index >= lastOnWay ? lastOnWay - 1 : index;
};

/** Position of a place on the packet's way there and back. */
export const order = (path: Path, place: Pick<Place, 'link' | 'stage' | 'way'>): number => {
  const links = path.links.length;
  const index = linkIndex(path, place.link);
  const stages = linkById(path, place.link)?.stages ?? [];
  // br_netfilter calls PREROUTING where the bridge has its own.
  const own = place.stage === 'prerouting' && !stages.includes('prerouting') ? 'bridge-forward' : place.stage;
  const stage = Math.max(stages.indexOf(own), 0) / 100;
  return place.way === 'forward' ? index + stage : 2 * links - index + stage;
};

/** Findings in the order in which the packets meet their causes. */
export const inOrder = (path: Path, found: readonly CheckedFinding[]): readonly CheckedFinding[] =>
  found.toSorted(
    ({ finding: { place: a } }, { finding: { place: b } }) =>
      order(path, a) - order(path, b) || (a.turn ?? 0) - (b.turn ?? 0),
  );

const lossOrder = (path: Path, loss: LossPlace): number => {
  const links = path.links.length;
  const index = linkIndex(path, loss.link);
  return loss.way === 'forward' ? index : 2 * links - index;
};

/**
 * How far the packets got, where a cause explains a loss: past its place, except where they wait for a neighbour before it,
 * and only the question got there.
 */
const reachedBy = (path: Path, place: Place, loss: LossPlace): number => {
  const waiting = order(path, { ...loss, stage: 'neighbour' });
  const isAhead = loss.way === place.way && linkIndex(path, loss.link) !== linkIndex(path, place.link);
  return isAhead && waiting < order(path, place) ? waiting : Math.max(order(path, place), lossOrder(path, loss));
};

const reachOf = (path: Path, finding: Finding): number =>
  Math.max(order(path, finding.place), ...finding.loses.map((loss) => lossOrder(path, loss)));

const SECOND_WITNESS: readonly Proof['kind'][] = ['counted', 'asked', 'kernel', 'control'];

/**
 * `certain`: the captures stop at the link of the cause and a counter, the kernel or a control agree. `likely`: one of
 * them, and the configuration explains it; also where the packets are lost on another link than that of the cause,
 * since how they are lost there is inferred. `possible`: configuration only. Where the kernel stands in for the captures, its
 * word on the drop is no second witness.
 */
const confidence = (finding: Finding, lostAt: string, located: Located, captures: Evidence['captures']): Confidence => {
  const captured = located.ambiguous.length === 0 && (located.forwardBreak !== null || located.returnBreak !== null);
  const second = SECOND_WITNESS.filter((kind) => kind !== 'kernel' || !isKernelSeen({ captures }));
  const witness = finding.proof.some((proof) => second.includes(proof.kind));
  if (captured && witness && lostAt === finding.place.link) return 'certain';
  return captured || witness ? 'likely' : 'possible';
};
