import type { HookWalk, RuleRef, UnknownMatch } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy, bothWays } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { meetsHostRules } from '../support/hooks.js';
import { listCommand, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

/** Matches that let a part of the packets through, by what their rule says, and what each is called in the catalogue. */
const PARTIAL: readonly (readonly [RegExp, string])[] = [
  [/-m statistic\b|\bnumgen\b/, 'nf-statistic-random'],
  [/-m connlimit\b|\bct count\b/, 'nf-connlimit'],
  [/-m (hash)?limit\b|\blimit rate\b|\bmeter\b/, 'nf-limit-drop'],
];

export const nfRateLimit = defineCheck({
  meta: {
    id: 'nf-rate-limit',
    code: 'V4510',
    title: 'no rule drops a part of the packets',
    covers: ['nf-limit-drop', 'nf-statistic-random', 'nf-connlimit'],
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (limit, statistic, connlimit)', 'man 8 nft (limit, numgen, ct count)'],
  },
  page: {
    meaning: 'A rule lets only a part of the packets through: so many a second, so many connections, or by chance.',
    path: 'hook -> a rule with limit, statistic or connlimit -> accepted or passed over -> another rule drops the rest.',
    decided:
      'The walk says that the drop hangs on such a match, the captures lose packets at that hook, and the dropping rule counted at least as many.',
    byHand: ['iptables -nvxL FORWARD --line-numbers', 'watch -d -n1 iptables -nvxL FORWARD'],
    origins: [
      'a limit against floods that the traffic has outgrown',
      'a rule from a test of bad networks that was left',
      'a limit on connections for each source, behind NAT',
    ],
    fixes: ['a higher limit', 'an accept for this traffic before the rule'],
    prevention: 'Log what a limit drops, and watch its counter.',
    lab: 'nf-limit-drop',
  },
  run(_artifacts, context) {
    if (!meetsHostRules(context)) return notApplicable('no rule of the host is on this path');
    if (context.located.lost === 0) return notApplicable('nothing is lost');
    const found = stepsOf(context.walk, 'hook').flatMap((step) => partialDrops(context, step))[0];
    if (!found) return pass('no rule that drops a part of the packets counted the loss');
    const { step, rule, match, cause, dropped } = found;
    const limit = match.rule && !isSame(match.rule, rule) ? ruleTitle(match.rule) : null;
    return fail({
      cause,
      title: `${ruleTitle(rule)} drops ${limit === null ? 'a part of the packets' : `what ${limit} lets pass only in part`}`,
      place: {
        link: step.link,
        stage: step.detail.walk.hook,
        way: step.way,
        netns: step.netns,
        object: ruleObject(rule),
      },
      loses: [{ link: step.link, way: step.way }],
      proof: [
        {
          kind: 'read',
          text: `${ruleName(match.rule ?? rule)}: ${match.rule?.text ?? rule.text}`,
          command: inside(context.netns(step.netns), listCommand(rule)),
        },
        {
          kind: 'counted',
          text: `${ruleName(rule)} counted ${dropped} packets`,
          command: inside(context.netns(step.netns), listCommand(rule)),
        },
      ],
      remedies: [
        acceptRemedy(
          context,
          step.netns,
          match.rule?.chain === rule.chain ? (match.rule ?? rule) : rule,
          bothWays(step.detail.packet),
          'accept this traffic before the limit, both ways',
        ),
      ],
      notes: ['the limit may be there on purpose: a higher one is the narrower change'],
    });
  },
});

interface PartialDrop {
  readonly step: StepOf<'hook'>;
  readonly rule: RuleRef;
  readonly match: UnknownMatch;
  readonly cause: string;
  readonly dropped: number;
}

/** Drops of one hook that hang on a match which lets a part through, and that counted what is lost. */
const partialDrops = (context: CheckContext, step: StepOf<'hook'>): readonly PartialDrop[] => {
  if (step.netns === 'target') return [];
  const { walk } = step.detail;
  return (walk.possibleDrops ?? []).flatMap((rule) => {
    const match = decidingMatch(walk, rule);
    const cause = match && causeOf(match);
    const dropped = context.ruleDelta(step.netns, rule)?.packets ?? 0;
    return match && cause && dropped >= context.located.lost ? [{ step, rule, match, cause, dropped }] : [];
  });
};

const causeOf = ({ rule }: UnknownMatch): string | null =>
  PARTIAL.find(([pattern]) => pattern.test(rule?.text ?? ''))?.[1] ?? null;

/**
 * The match on which a drop hangs: the dropping rule's own, or that of a rule before it that may let the packet go. `null`
 * where it may hang on a match of another kind as well.
 */
const decidingMatch = ({ unknowns }: HookWalk, drop: RuleRef): UnknownMatch | null => {
  const own = unknowns.filter(({ rule }) => rule !== null && isSame(rule, drop));
  const deciding = own.length > 0 ? own : unknowns.filter(({ rule }) => rule === null || !LOGS.test(rule.target));
  return deciding.every((match) => causeOf(match) !== null) ? (deciding[0] ?? null) : null;
};

const LOGS = /^(LOG|NFLOG|ULOG|log)$/;

const isSame = (one: RuleRef, other: RuleRef): boolean =>
  one.backend === other.backend &&
  one.family === other.family &&
  one.table === other.table &&
  one.chain === other.chain &&
  one.index === other.index;
