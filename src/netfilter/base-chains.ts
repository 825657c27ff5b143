import type { Chain, NetfilterState } from './state.js';
import type { Hook } from './types.js';

/** A base chain and the place in the hook at which it runs. */
export interface PlacedChain {
  readonly chain: Chain;
  readonly priority: number;
}

/** All NAT chains run at these priorities, whatever their own: the kernel has one NAT hook and asks them from there. */
export const NAT_PRIORITY: Readonly<Record<Hook, number>> = {
  prerouting: -100,
  output: -100,
  forward: 0,
  input: 100,
  postrouting: 100,
};

/**
 * The base chains of IP families at a hook in the order in which they run. At equal priority the one registered last
 * runs first; between tables that is not in any dump, and the table made last is taken.
 */
export const placedChains = (state: NetfilterState, hook: Hook): readonly PlacedChain[] => {
  const hooks = known.get(state) ?? new Map<Hook, readonly PlacedChain[]>();
  known.set(state, hooks);
  const before = hooks.get(hook);
  if (before !== undefined) return before;
  const placed = placeChains(state, hook);
  hooks.set(hook, placed);
  return placed;
};

const known = new WeakMap<NetfilterState, Map<Hook, readonly PlacedChain[]>>();

const placeChains = (state: NetfilterState, hook: Hook): readonly PlacedChain[] =>
  [...state.chains.values()]
    .filter(({ base, ref }) => base?.hook === hook && ['ip', 'ip6', 'inet'].includes(ref.family))
    .map((chain) => ({
      chain,
      priority: chain.base?.type === 'nat' ? NAT_PRIORITY[hook] : (chain.base?.priority ?? 0),
    }))
    .sort(
      (left, right) =>
        left.priority - right.priority ||
        (left.chain.base?.priority ?? 0) - (right.chain.base?.priority ?? 0) ||
        right.chain.order - left.chain.order,
    );
