import type { BrokenLink } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { Break, Located } from '../model/located.js';
import type { Hop, Link, Path, Stage } from '../model/path.js';
import { deliveryLink, hopName, linkById, wireLink } from '../model/path-queries.js';
import { packetsOf } from '../model/probe.js';
import { isKernelSeen } from './kernel-witness.js';

/** The break that applies, and its way. */
export interface BrokenAt {
  readonly at: Break;
  readonly way: Way;
}

/**
 * The break that the captures found: where all probes were lost, else where the most of some were; `null` when nothing was
 * lost at one place.
 */
export const brokenBy = (path: Path, located: Located): BrokenAt | null => {
  if (located.way === 'forward' && located.forwardBreak) return { at: located.forwardBreak, way: 'forward' };
  if (located.way === 'return' && located.returnBreak) return { at: located.returnBreak, way: 'return' };
  const [worst] = located.lossy.toSorted((a, b) => b.lost - a.lost);
  const link = worst && linkById(path, worst.link);
  if (!worst || !link) return null;
  const [lastSeen, firstMissing] = worst.way === 'forward' ? [link.from, link.to] : [link.to, link.from];
  return { at: { link: link.id, lastSeen, firstMissing, ambiguous: [] }, way: worst.way };
};

/** The way on which the root loses the packets; outside, the root knows better than the captures. */
export const directionOf = (evidence: Evidence, root: RankedFinding, broken: BrokenAt | null): Way => {
  const wire = wireLink(evidence.path)?.id;
  if (!broken) return root.loses[0].way;
  if (broken.at.link !== wire && broken.at.link !== deliveryLink(evidence.path)?.id) return broken.way;
  return root.loses.find((loss) => loss.link === broken.at.link)?.way ?? broken.way;
};

/** The link on which the packets were last lost, with the stage of the root where that sits on the same link. */
export const brokenLink = (
  evidence: Evidence,
  located: Located,
  broken: BrokenAt | null,
  root: RankedFinding | null,
): BrokenLink | null => {
  const id = broken?.at.link ?? root?.loses[0].link;
  const link = id === undefined ? null : linkById(evidence.path, id);
  if (!link) return null;
  const stage = root && root.place.link === link.id ? root.place.stage : lossStage(link, located);
  return { from: link.from, to: link.to, stage };
};

/** Where on its link a packet is lost whose cause sits elsewhere: waiting for an unanswered neighbour, or when sent. */
const lossStage = (link: Link, located: Located): Stage => {
  if (link.stages.includes('wire')) return 'wire';
  const waits = located.neighbour.some(({ hop }) => hop === link.to);
  return waits && link.stages.includes('neighbour') ? 'neighbour' : (link.stages.at(-1) ?? 'wire');
};

/** What the captures saw, as the first proof line of the root. */
export const seenLine = (evidence: Evidence, located: Located, broken: BrokenAt | null): readonly Proof[] => {
  if (!broken) return [];
  const name = (id: string): string => {
    const hop = evidence.path.hops.find((candidate) => candidate.id === id);
    return hop ? hopName(hop) : id;
  };
  const count = located.counts.find((candidate) => candidate.hop === broken.at.lastSeen);
  const passed = broken.way === 'forward' ? count?.forward : count?.return;
  const what = broken.way === 'forward' ? 'requests' : 'replies';
  const last = evidence.path.hops.find((hop) => hop.id === broken.at.lastSeen);
  const missing = evidence.path.hops.find((hop) => hop.id === broken.at.firstMissing);
  if (last?.role === 'socket') {
    const text = missing?.ifname ? `no request was seen on ${missing.ifname}` : 'no request left the container';
    return [{ kind: 'seen', text }];
  }
  const end =
    located.answered > 0
      ? `${located.lost} of ${located.sent} ${packetsOf(evidence.probe)} are lost there`
      : endOf(missing ?? null, isRefused(evidence));
  const text = `${passed ?? 0} of ${located.sent} ${what} pass ${name(broken.at.lastSeen)}; ${end}`;
  return [isKernelSeen(evidence) ? { kind: 'kernel', text: `by the kernel's events ${text}` } : { kind: 'seen', text }];
};

const isRefused = ({ probe }: Evidence): boolean =>
  probe?.answers.some(({ outcome }) => outcome === 'refused') ?? false;

/** What became of the packets at the first hop that missed them. */
const endOf = (missing: Hop | null, refused: boolean): string => {
  if (missing?.role === 'service' && refused) return 'they are refused there';
  if (missing?.role === 'socket') return 'none reaches the socket';
  if (missing?.role === 'outside' && refused) return 'they are refused there';
  if (missing === null || missing.role === 'outside' || missing.role === 'service') return 'nothing came back';
  if (missing.ifname === null) return 'they go no further';
  return missing.down ? `${missing.ifname} is down` : `${missing.ifname} saw none`;
};
