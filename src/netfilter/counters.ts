import type { NetfilterState } from './state.js';
import { chainKey } from './state.js';
import type { RuleRef } from './types.js';

/**
 * The counter of the same rule in another snapshot: by handle where both have one, else by its place in the chain; a
 * policy by its chain. `null` when it has no counter, is gone, or another rule stands in its place.
 */
export const counterOf = (state: NetfilterState, ref: RuleRef): { packets: number; bytes: number } | null => {
  const chain = state.chains.get(chainKey(ref));
  if (chain === undefined) return null;
  if (ref.index === null) return chain.base?.policyRef.counter ?? null;
  const byHandle = ref.handle === null ? undefined : chain.rules.find((rule) => rule.ref.handle === ref.handle);
  const inPlace = chain.rules[ref.index - 1];
  const same = byHandle ?? (inPlace?.ref.handle === null || ref.handle === null ? inPlace : undefined);
  return same?.ref.text === ref.text ? same.ref.counter : null;
};
