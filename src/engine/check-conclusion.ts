import type { CheckConclusion, CheckPhase } from '../model/check-report.js';
import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from '../routing/flow-walk-types.js';
import type { RouteAnswer } from '../routing/types.js';

/** How the request left the last namespace of the host; `null` when it ended on it. */
export interface Leaving {
  readonly packet: HookPacket;
  readonly route: RouteAnswer | null;
}

/**
 * What follows from the phases. A sure drop decides, unless a doubt before it leaves open in what form the packet comes
 * to it; without a drop the first doubt about a verdict decides.
 */
export const conclude = (
  phases: readonly CheckPhase[],
  steps: readonly WalkStep[],
  leaving: Leaving | null,
): CheckConclusion => {
  const lost = phases.filter(({ result }) => result === 'drop' || result === 'reject');
  const open = phases.filter(({ result, number }) => result === 'unknown' || isDivided(steps[number - 1]));
  const [first] = lost;
  const divided = first && open.find(({ number }) => number < first.number && isDivided(steps[number - 1]));
  const leaves = leaving && {
    device: leaving.packet.oif,
    nextHop: leaving.route?.gateway ?? null,
    source: leaving.packet.source,
    destination: leaving.packet.destination,
    sourcePort: leaving.packet.sourcePort,
    destinationPort: leaving.packet.destinationPort,
  };
  const rest = { leaves, hangsOn: open.flatMap(({ hangsOn }) => hangsOn) };
  const after = (number: number) => causesBehind(lost, number);
  if (first && !divided) {
    const word = first.result === 'reject' ? 'rejected' : 'dropped';
    const title = `${first.way === 'return' ? 'the answer is ' : ''}${word} at ${nameOf(first)}: ${first.because}`;
    return { ...rest, verdict: 'dropped', phase: first.number, title, behind: after(first.number) };
  }
  const [doubt] = open;
  if (doubt) {
    const because = doubt.hangsOn[0]?.because ?? doubt.because;
    const title = `depends on ${doubtName(doubt)} at ${nameOf(doubt)}: ${because}`;
    return { ...rest, verdict: 'depends', phase: doubt.number, title, behind: after(doubt.number) };
  }
  return { ...rest, verdict: 'accepted', phase: null, title: acceptedTitle(leaves), behind: [] };
};

/** Numbers of the phases behind one that lose the packet for another reason, each reason once. */
const causesBehind = (lost: readonly CheckPhase[], number: number): readonly number[] => {
  const key = ({ netns, title, because, rule }: CheckPhase): string =>
    JSON.stringify([netns, title, because, rule?.backend, rule?.table, rule?.chain, rule?.index]);
  const seen = new Set(lost.filter((phase) => phase.number === number).map(key));
  return lost
    .filter((phase) => phase.number > number && !seen.has(key(phase)) && seen.add(key(phase)))
    .map((phase) => phase.number);
};

/** Whether the packet may go on from the step in more than one form. */
const isDivided = (step: WalkStep | undefined): boolean =>
  step?.detail.kind === 'hook' && (step.detail.walk.alternatives?.length ?? 0) > 0;

const nameOf = ({ title, netns }: CheckPhase): string => `${title} of ${netns}`;

const doubtName = ({ hangsOn: [doubt] }: CheckPhase): string => {
  const rule = doubt?.rule ?? null;
  if (rule === null) return 'what was not read';
  return rule.index === null ? `the policy of ${rule.chain}` : `rule ${rule.index} of ${rule.table} ${rule.chain}`;
};

const acceptedTitle = (leaves: CheckConclusion['leaves']): string => {
  if (leaves === null) return 'accepted: nothing here stops the request or its answer';
  const next = leaves.nextHop === null ? '' : ` via ${leaves.nextHop}`;
  return `accepted: leaves by ${leaves.device ?? 'no device'}${next} with source ${leaves.source}; nothing here stops the answer`;
};
