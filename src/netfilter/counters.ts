import type { NetfilterState } from './state.js';
import { chainKey } from './state.js';
import type { RuleRef } from './types.js';

/**
 * The counter of the same rule in another snapshot: by handle where there is one, else by its place in the chain; a
 * policy by its chain. `null` when it has no counter, is gone, or another rule stands in its place.
 */
export const counterOf = (state: NetfilterState, ref: RuleRef): { packets: number; bytes: number } | null => {
  const chain = state.chains.get(chainKey(ref));
  if (chain === undefined) return null;
  if (ref.index === null) return chain.base?.policyRef.counter ?? null;
  const same =
    ref.handle === null
      ? chain.rules.find((rule) => rule.ref.index === ref.index)
      : chain.rules.find((rule) => rule.ref.handle === ref.handle);
  return same?.ref.text === ref.text ? same.ref.counter : null;
};
