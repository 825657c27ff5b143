import { member, named } from './nft/json.js';
import { elementsOf, mapValues } from './nft/sets.js';
import { verdictOf } from './nft/verdicts.js';
import type { LoadedRule, NetfilterState } from './state.js';
import { tableKey } from './state.js';

/** Names of the chains that a rule may jump or go to. For iptables this may also be a target that is no chain. */
export const jumpsOf = (state: NetfilterState, { source }: LoadedRule): readonly string[] => {
  if (source.kind === 'iptables') return source.rule.target === null ? [] : [source.rule.target.name];
  const sets = state.sets.get(tableKey(source.rule.family, source.rule.table)) ?? new Map();
  return source.rule.expr
    .flatMap((statement) => {
      const [kind, body] = named(statement) ?? [];
      return kind === 'vmap' ? mapValues(elementsOf(member(body, 'data'), sets) ?? []) : [statement];
    })
    .flatMap((statement) => {
      const verdict = verdictOf(statement);
      return verdict !== null && 'chain' in verdict ? [verdict.chain] : [];
    });
};
