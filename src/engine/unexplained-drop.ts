import type { SkippedCheck } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof, RankedFinding } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { Break } from '../model/located.js';
import { hopName, linkById } from '../model/path-queries.js';
import type { FlowWalk } from '../routing/flow-walk-types.js';
import { ruleTraceProof } from './rule-trace-proof.js';
import { switchedProof } from './switched.js';

/** A drop that the captures prove and that no check explains: the place, what the kernel said, what stays unknown. */
export const unexplainedDrop = (
  evidence: Evidence,
  at: Break,
  way: Way,
  seen: readonly Proof[],
  walk: FlowWalk,
  skipped: readonly SkippedCheck[],
): RankedFinding => {
  const link = linkById(evidence.path, at.link);
  const hop = evidence.path.hops.find((candidate) => candidate.id === at.lastSeen);
  const drop = evidence.kernelDrops.find((candidate) => candidate.link === at.link && candidate.way === way);
  const unknown = walk.unknowns.map(
    (match): Proof => ({ kind: 'inferred', text: `cannot be known beforehand: ${match.because}` }),
  );
  const unread = [...new Set(skipped.map(({ reason }) => reason))].map(
    (reason): Proof => ({ kind: 'inferred', text: `not judged, since it could not be read: ${reason}` }),
  );
  const traced = ruleTraceProof(evidence.ruleTrace, way, hop?.netns ?? 'host');
  const first: Proof = seen[0] ?? { kind: 'inferred', text: 'the packets are lost here' };
  return {
    code: 'V0001',
    check: 'unexplained-drop',
    rank: 'root',
    confidence: drop ? 'certain' : 'likely',
    cause: 'unexplained-drop',
    title: traced
      ? `${traced.text.replace(/^nft trace: |: .*$/g, '')}, and no known cause explains why`
      : `packets are lost after ${hop ? hopName(hop) : at.lastSeen}, and no known cause explains it`,
    place: {
      link: at.link,
      stage: drop?.stage ?? link?.stages[0] ?? 'wire',
      way,
      netns: hop?.netns ?? 'host',
      ...(hop?.ifname ? { device: hop.ifname } : {}),
    },
    loses: [{ link: at.link, way }],
    proof: [
      first,
      ...seen.slice(1),
      ...(drop
        ? [
            {
              kind: 'kernel' as const,
              text: `the kernel dropped it: ${drop.reason} in ${drop.function}${drop.words ? `: ${drop.words}` : ''}`,
            },
          ]
        : []),
      ...(traced ? [traced] : []),
      ...switchedProof(evidence, link),
      ...unknown.slice(0, 3),
      ...unread.slice(0, 3),
    ],
    remedies: [
      {
        kind: 'instruction',
        title:
          'look at what no check reads (programs of control groups without --in-cgroup, security modules), or ask the kernel for its reason (explain V0001 has the commands)',
        netns: hop?.netns ?? 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'nothing is changed here',
      },
    ],
  };
};
