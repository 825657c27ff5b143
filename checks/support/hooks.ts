import type { Way } from '../../src/model/flow.js';
import type { Hook, RuleRef } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';

/** A rule or policy that the walk says loses the packet, and where. */
export interface PredictedDrop {
  readonly step: StepOf<'hook'>;
  readonly rule: RuleRef;
  readonly hook: Hook;
}

/** Every drop and reject on the way, in walk order, each rule once per way. */
export const predictedDrops = (
  context: CheckContext,
  where: 'container' | 'outside-container',
): readonly PredictedDrop[] => {
  const seen = new Set<string>();
  return stepsOf(context.walk, 'hook')
    .filter((step) => (step.netns === 'target') === (where === 'container'))
    .flatMap((step) => step.detail.walk.drops.map((rule) => ({ step, rule, hook: step.detail.walk.hook })))
    .filter(({ step, rule }) => {
      const key = [step.netns, step.way, rule.backend, rule.family, rule.table, rule.chain, rule.index].join(' ');
      return !seen.has(key) && seen.add(key);
    });
};

/** Whether the packets meet any netfilter hook outside the container. */
export const meetsHostRules = (context: CheckContext): boolean =>
  stepsOf(context.walk, 'hook').some((step) => step.netns !== 'target');

/** Whether the packets meet the FORWARD hook of the host. */
export const meetsForwardRules = (context: CheckContext): boolean =>
  stepsOf(context.walk, 'hook').some((step) => step.netns !== 'target' && step.detail.walk.hook === 'forward');

/** Whether the packets go from one port of a bridge to another: they meet the host's rules only through br_netfilter. */
export const isBridged = ({ flow, path }: CheckContext): boolean =>
  flow.kind === 'lateral' && path.routers.length === 0;

export const isPolicy = (rule: RuleRef): boolean => rule.index === null;
/**
 * Whether a rule belongs to the FORWARD chain of iptables: where iptables itself could not be asked, nft shows that chain
 * by its name.
 */
export const isIptablesForward = (rule: RuleRef): boolean =>
  rule.backend !== 'nftables' || (/^ip6?$/.test(rule.family) && rule.table === 'filter' && rule.chain === 'FORWARD');

export const isReject = (rule: RuleRef): boolean => rule.rejectWith !== null || rule.target === 'REJECT';

/** Whether the same base chain's policy also loses the packet on the other way. */
export const samePolicyDrops = (context: CheckContext, rule: RuleRef, way: Way): boolean =>
  stepsOf(context.walk, 'hook').some(
    (step) =>
      step.way === way &&
      step.detail.walk.drops.some(
        (other) =>
          isPolicy(other) &&
          other.backend === rule.backend &&
          other.family === rule.family &&
          other.table === rule.table &&
          other.chain === rule.chain,
      ),
  );
