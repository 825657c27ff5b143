import { placedChains } from './base-chains.js';
import { chainsFrom } from './jumps.js';
import type { ChainRef, NetfilterState } from './state.js';
import { chainKey } from './state.js';
import type { Hook, RuleRef } from './types.js';

export type { SourceTranslation } from './source-translations.js';
export { sourceTranslations } from './source-translations.js';
export type { ChainRef } from './state.js';

export interface BaseChainRef extends ChainRef {
  /** `filter`, `nat`, `route`. */
  readonly type: string;
  readonly priority: number;
  readonly policy: RuleRef;
}

/** The base chains of the IP families at a hook, in the order in which they run. */
export const baseChains = (state: NetfilterState, hook: Hook): readonly BaseChainRef[] =>
  placedChains(state, hook).flatMap(({ chain, priority }) =>
    chain.base === null ? [] : [{ ...chain.ref, type: chain.base.type, priority, policy: chain.base.policyRef }],
  );

/** The rules of a chain in order; none when there is no such chain. */
export const chainRules = (state: NetfilterState, ref: ChainRef): readonly RuleRef[] =>
  state.chains.get(chainKey(ref))?.rules.map((rule) => rule.ref) ?? [];

/** The chains, of any back-end and family, for which the predicate holds. */
export const findChains = (state: NetfilterState, predicate: (chain: ChainRef) => boolean): readonly ChainRef[] =>
  [...state.chains.values()].map((chain) => chain.ref).filter(predicate);

/** Whether a packet can come to the chain: it is a base chain, or one leads to it by jumps and gotos. */
export const isReachable = (state: NetfilterState, ref: ChainRef): boolean => {
  const bases = [...state.chains.values()].filter((chain) => chain.base !== null && isSameTable(chain.ref, ref));
  return chainsFrom(state, bases).has(chainKey(ref));
};

const isSameTable = (left: ChainRef, right: ChainRef): boolean =>
  left.backend === right.backend && left.family === right.family && left.table === right.table;
