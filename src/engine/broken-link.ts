import type { BrokenLink } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { Break, Located } from '../model/located.js';
import type { Link, Stage } from '../model/path.js';
import { hopName, linkById, wireLink } from '../model/path-queries.js';

/** The break that applies, and its way. */
export interface BrokenAt {
  readonly at: Break;
  readonly way: Way;
}

/** The break that the captures found; `null` when nothing was lost at one place. */
export const brokenBy = (located: Located): BrokenAt | null => {
  if (located.way === 'forward' && located.forwardBreak) return { at: located.forwardBreak, way: 'forward' };
  if (located.way === 'return' && located.returnBreak) return { at: located.returnBreak, way: 'return' };
  return null;
};

/** The way on which the root loses the packets; outside, the root knows better than the captures. */
export const directionOf = (evidence: Evidence, root: RankedFinding, broken: BrokenAt | null): Way => {
  const wire = wireLink(evidence.path)?.id;
  if (!broken) return root.loses[0].way;
  if (broken.at.link !== wire) return broken.way;
  return root.loses.find((loss) => loss.link === wire)?.way ?? broken.way;
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
  if (last?.role === 'socket')
    return [{ kind: 'seen', text: `no request was seen on ${name(broken.at.firstMissing)}` }];
  const missing = evidence.path.hops.find((hop) => hop.id === broken.at.firstMissing);
  const end = missing?.down
    ? `${name(broken.at.firstMissing)} is down`
    : missing?.captured
      ? `${name(broken.at.firstMissing)} saw none`
      : `nothing came back from ${name(broken.at.firstMissing)}`;
  return [{ kind: 'seen', text: `${passed ?? 0} of ${located.sent} ${what} pass ${name(broken.at.lastSeen)}; ${end}` }];
};
