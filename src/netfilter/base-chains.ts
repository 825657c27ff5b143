import type { Chain, NetfilterState } from './state.js';
import type { AnyHook, Layer } from './types.js';

/** A base chain and the place in the hook at which it runs. */
export interface PlacedChain {
  readonly chain: Chain;
  readonly priority: number;
}

/** All NAT chains run at these priorities, whatever their own: the kernel has one NAT hook and asks them from there. */
export const NAT_PRIORITY: Readonly<Record<AnyHook, number>> = {
  prerouting: -100,
  output: -100,
  forward: 0,
  input: 100,
  postrouting: 100,
  ingress: 0,
  egress: 0,
};

const FAMILIES: Readonly<Record<Layer, readonly string[]>> = {
  ip: ['ip', 'ip6', 'inet'],
  bridge: ['bridge'],
  arp: ['arp'],
  netdev: ['netdev', 'inet'],
};

/**
 * The base chains of a layer at a hook in the order in which they run. At equal priority the one registered last
 * runs first; between tables that is not in any dump, and the table made last is taken.
 */
export const placedChains = (state: NetfilterState, hook: AnyHook, layer: Layer = 'ip'): readonly PlacedChain[] => {
  const hooks = known.get(state) ?? new Map<string, readonly PlacedChain[]>();
  known.set(state, hooks);
  const key = `${layer} ${hook}`;
  const before = hooks.get(key);
  if (before !== undefined) return before;
  const placed = placeChains(state, hook, layer);
  hooks.set(key, placed);
  return placed;
};

const known = new WeakMap<NetfilterState, Map<string, readonly PlacedChain[]>>();

const attached = new WeakMap<NetfilterState, readonly Chain[]>();

/** The base chains of all hooks: of a large ruleset few chains are. */
const attachedChains = (state: NetfilterState): readonly Chain[] => {
  const before = attached.get(state);
  if (before !== undefined) return before;
  const chains = [...state.chains.values()].filter(({ base }) => base !== null);
  attached.set(state, chains);
  return chains;
};

const placeChains = (state: NetfilterState, hook: AnyHook, layer: Layer): readonly PlacedChain[] =>
  attachedChains(state)
    .filter(({ base, ref }) => base?.hook === hook && FAMILIES[layer].includes(ref.family))
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
