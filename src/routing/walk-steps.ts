import type { Way } from '../model/flow.js';
import type { NetnsId } from '../model/netns.js';
import type { Stage } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import { ipsetContains, ipsetsOf } from '../netfilter/ipset.js';
import { loadNetfilter } from '../netfilter/load.js';
import type { Hook, HookContext, HookPacket, HookVerdict, HookWalk } from '../netfilter/types.js';
import { type Rewrite, walkHook } from '../netfilter/walk-hook.js';
import { addressType } from './address-type.js';
import type { StepOutcome, WalkStep } from './flow-walk-types.js';
import { routeBackExists } from './reverse-path.js';
import { primaryAddress } from './source-address.js';
import { type RoutingState, routingState } from './state.js';

export interface StepPlace {
  readonly way: Way;
  readonly link: string;
  readonly netns: NetnsId;
}

export const OUTCOME: Readonly<Record<HookVerdict, StepOutcome>> = {
  accept: 'pass',
  drop: 'drop',
  reject: 'reject',
  queue: 'unknown',
  unknown: 'unknown',
};

/** The routing view of a namespace, or `null` when a table of it could not be read. */
export const routesOf = (state: NetnsState | undefined): RoutingState | null => {
  const view = state && routingState(state);
  return view && !('missing' in view) ? view : null;
};

/** Sends the packet through one hook of a namespace; returns the step and the packet after it. */
export const hookStep = (
  place: StepPlace,
  stage: Stage,
  hook: Hook,
  packet: HookPacket,
  state: NetnsState,
  rewrite: Rewrite | null = null,
  reroute: ((packet: HookPacket) => boolean) | null = null,
): { readonly step: WalkStep; readonly packet: HookPacket; readonly walk: HookWalk } => {
  const walk = walkHook(loadNetfilter(state), hook, packet, contextOf(state), rewrite, reroute);
  const step: WalkStep = {
    ...place,
    stage,
    device: packet.oif ?? packet.iif,
    outcome: OUTCOME[walk.verdict],
    detail: { kind: 'hook', packet, walk },
  };
  return { step, packet: walk.packet, walk };
};

/** What matches ask of the namespace outside its rulesets. */
export const contextOf = (state: NetnsState): HookContext => {
  const routes = routesOf(state);
  const sets = ipsetsOf(state);
  return {
    isLocalAddress: (address) => routes !== null && addressType(routes, address) === 'local',
    addressType: (address, device) => (routes ? addressType(routes, address, device) : null),
    primaryAddress: (device, family) => routes && primaryAddress(routes, device, family),
    reversePathOk: (asked, loose, withProtocol) =>
      routes && routeBackExists(routes, asked, loose, withProtocol ?? false),
    ipsetContains: (name, asked, directions) => sets && ipsetContains(sets, name, asked, directions),
  };
};

/** A stage that cannot be judged, because what it depends on could not be read. */
export const unreadStep = (place: StepPlace, stage: Stage, what: string): WalkStep => ({
  ...place,
  stage,
  device: null,
  outcome: 'unknown',
  detail: { kind: 'unread', what },
});
