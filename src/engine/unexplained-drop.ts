import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { Break } from '../model/located.js';
import { hopName, linkById } from '../model/path-queries.js';
import type { FlowWalk } from '../routing/flow-walk-types.js';

/** A drop that the captures prove and that no check explains: the place, what the kernel said, what stays unknown. */
export const unexplainedDrop = (
  evidence: Evidence,
  at: Break,
  way: Way,
  seen: readonly Proof[],
  walk: FlowWalk,
): RankedFinding => {
  const link = linkById(evidence.path, at.link);
  const hop = evidence.path.hops.find((candidate) => candidate.id === at.lastSeen);
  const [drop] = evidence.kernelDrops;
  const unknown = walk.unknowns.map(
    (match): Proof => ({ kind: 'inferred', text: `cannot be known beforehand: ${match.because}` }),
  );
  const first: Proof = seen[0] ?? { kind: 'inferred', text: 'the packets are lost here' };
  return {
    code: 'V0001',
    check: 'unexplained-drop',
    rank: 'root',
    confidence: 'likely',
    cause: 'unexplained-drop',
    title: `packets are lost after ${hop ? hopName(hop) : at.lastSeen}, and no known cause explains it`,
    place: {
      link: at.link,
      stage: link?.stages[0] ?? 'wire',
      way,
      netns: hop?.netns ?? 'host',
      ...(hop?.ifname ? { device: hop.ifname } : {}),
    },
    loses: [{ link: at.link, way }],
    proof: [
      first,
      ...seen.slice(1),
      ...(drop ? [{ kind: 'kernel' as const, text: `the kernel dropped it: ${drop.reason} in ${drop.function}` }] : []),
      ...unknown.slice(0, 3),
    ],
    remedies: [],
  };
};
