import type { Artifact } from '../model/artifact.js';
import type {
  AddressState,
  ArtifactName,
  LinkState,
  NeighbourState,
  NetnsState,
  PolicyRule,
  RouteState,
} from '../model/state.js';

/** What routing decisions in one namespace depend on. */
export interface RoutingState {
  readonly rules: readonly PolicyRule[];
  readonly routes: readonly RouteState[];
  readonly links: readonly LinkState[];
  readonly addresses: readonly AddressState[];
  readonly neighbours: readonly NeighbourState[];
  /** `null` when they could not be read: then every setting counts as the one that lets packets pass. */
  readonly sysctls: Readonly<Record<string, string>> | null;
}

const NEEDED = ['rules', 'routes', 'links', 'addresses'] as const satisfies readonly ArtifactName[];

const known = new WeakMap<Partial<NetnsState>, RoutingState | { readonly missing: ArtifactName[] }>();

/** The routing state of a namespace, or the artifacts without which nothing can be said. Memoised. */
export const routingState = (
  state: Pick<NetnsState, (typeof NEEDED)[number]> & Partial<NetnsState>,
): RoutingState | { readonly missing: ArtifactName[] } => {
  const before = known.get(state);
  if (before !== undefined) return before;
  const made = makeRoutingState(state);
  known.set(state, made);
  return made;
};

const makeRoutingState = (
  state: Pick<NetnsState, (typeof NEEDED)[number]> & Partial<NetnsState>,
): RoutingState | { readonly missing: ArtifactName[] } => {
  const { rules, routes, links, addresses } = state;
  if (!rules.ok || !routes.ok || !links.ok || !addresses.ok) {
    return { missing: NEEDED.filter((name) => !state[name].ok) };
  }
  return {
    rules: rules.value,
    routes: routes.value,
    links: links.value,
    addresses: addresses.value,
    neighbours: valueOr(state.neighbours, []),
    sysctls: valueOr(state.sysctls, null),
  };
};

const valueOr = <T, D>(artifact: Artifact<T> | undefined, otherwise: D): T | D =>
  artifact?.ok ? artifact.value : otherwise;

export const linkNamed = (state: Pick<RoutingState, 'links'>, ifname: string | null): LinkState | null =>
  state.links.find((link) => link.ifname === ifname) ?? null;

/** The VRF that a device is or belongs to. */
export const vrfOf = (state: Pick<RoutingState, 'links'>, ifname: string | null): LinkState | null => {
  const link = linkNamed(state, ifname);
  if (link?.kind === 'vrf') return link;
  const master = linkNamed(state, link?.master ?? null);
  return master?.kind === 'vrf' ? master : null;
};
