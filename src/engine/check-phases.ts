import type { CheckPacket, CheckPhase, CheckRewrite, CheckRule, PhaseResult } from '../model/check-report.js';
import type { NetnsRef } from '../model/netns.js';
import type { AnyHook, HookPacket, HookWalk, RuleRef } from '../netfilter/types.js';
import type { WalkStep } from '../routing/flow-walk-types.js';
import { describeStep } from './check-words.js';

/** The steps of a walk as numbered phases. */
export const phasesOf = (
  steps: readonly WalkStep[],
  netns: readonly Pick<NetnsRef, 'id' | 'name'>[],
): readonly CheckPhase[] =>
  steps.map((step, index) => {
    const walk = step.detail.kind === 'hook' || step.detail.kind === 'frame' ? step.detail.walk : null;
    const packet = walk === null || !('packet' in step.detail) ? null : step.detail.packet;
    return {
      number: index + 1,
      way: step.way,
      link: step.link,
      stage: step.stage,
      netns: netns.find(({ id }) => id === step.netns)?.name ?? step.netns,
      device: step.device,
      ...describeStep(step),
      result: resultOf(step),
      packet: packet && toPacket(packet),
      rule: walk && decidingRule(walk),
      met: walk?.met.map(toRule) ?? [],
      rewrites: walk && packet ? rewritesOf(packet, walk.packet) : [],
      hangsOn: doubtsOf(step),
    };
  });

const resultOf = ({ outcome }: WalkStep): PhaseResult => outcome;

export const toRule = (rule: RuleRef): CheckRule => ({
  backend: rule.backend,
  family: rule.family,
  table: rule.table,
  chain: rule.chain,
  index: rule.index,
  handle: rule.handle,
  text: rule.text,
  packets: rule.counter?.packets ?? null,
});

const toPacket = (packet: HookPacket): CheckPacket => ({
  protocol: packet.protocol,
  source: packet.source,
  destination: packet.destination,
  sourcePort: packet.sourcePort,
  destinationPort: packet.destinationPort,
  iif: packet.iif,
  oif: packet.oif,
  mark: packet.mark,
  connection: packet.connection,
});

const ENDS = new Set(['ACCEPT', 'DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP', 'TPROXY']);

/** The rule that ended the walk of a hook; where all accept, the one that says most: a translation, a rule, a policy. */
const decidingRule = (walk: HookWalk<AnyHook>): CheckRule | null => {
  const rule =
    walk.decidedBy ??
    walk.translations.at(-1)?.rule ??
    walk.met.findLast(({ index, target }) => index !== null && ENDS.has(target)) ??
    walk.met.findLast(({ index }) => index === null);
  return rule ? toRule(rule) : null;
};

const withPort = (address: string, port: number | null): string =>
  port === null ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const rewritesOf = (before: HookPacket, after: HookPacket): readonly CheckRewrite[] => {
  const pairs = [
    ['source', withPort(before.source, before.sourcePort), withPort(after.source, after.sourcePort)],
    [
      'destination',
      withPort(before.destination, before.destinationPort),
      withPort(after.destination, after.destinationPort),
    ],
    ['mark', `0x${before.mark.toString(16)}`, `0x${after.mark.toString(16)}`],
  ] as const;
  return pairs.filter(([, old, now]) => old !== now).map(([field, old, now]) => ({ field, before: old, after: now }));
};

const doubtsOf = ({ detail, outcome }: WalkStep): CheckPhase['hangsOn'] => {
  if (detail.kind === 'hook' || detail.kind === 'frame') {
    const { unknowns } = detail.walk;
    return unknowns.map(({ rule, because }) => ({ rule: rule && toRule(rule), because }));
  }
  if (outcome !== 'unknown') return [];
  if (detail.kind === 'route')
    return detail.answer.unknowns.map((text) => ({ rule: null, because: `the policy rule ${text} cannot be judged` }));
  if (detail.kind === 'filter') return [{ rule: null, because: detail.walk.doubt ?? '' }];
  if (detail.kind === 'unread') return [{ rule: null, because: `${detail.what} were not read` }];
  return [];
};
