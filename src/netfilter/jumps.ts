import { member, named } from './nft/json.js';
import { elementsOf, mapValues } from './nft/sets.js';
import { verdictOf } from './nft/verdicts.js';
import type { Chain, LoadedRule, NetfilterState } from './state.js';
import { chainKey, tableKey } from './state.js';

/** Names of the chains that a rule may jump or go to. For iptables this may also be a target that is no chain. */
const jumpsOf = (state: NetfilterState, { source }: LoadedRule): readonly string[] => {
  if (source.kind === 'policy') return [];
  if (source.kind !== 'nft') return source.rule.target === null ? [] : [source.rule.target.name];
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

/** The given chains and all that they lead to by jumps and gotos, by `chainKey`, each once and in order of discovery. */
export const chainsFrom = (state: NetfilterState, bases: readonly Chain[]): ReadonlyMap<string, Chain> => {
  const found = new Map(bases.map((chain) => [chainKey(chain.ref), chain]));
  for (const { ref, rules } of found.values()) {
    for (const name of new Set(rules.flatMap((rule) => jumpsOf(state, rule)))) {
      const key = chainKey({ ...ref, chain: name });
      const target = state.chains.get(key);
      if (target !== undefined) found.set(key, target);
    }
  }
  return found;
};
