import type { Family, Protocol } from '../model/flow.js';
import type { Nexthop, PolicyRule, RouteState } from '../model/state.js';

/** What the kernel looks a route up for. Without `iif` it is a locally made packet. */
export interface RouteQuery {
  readonly family: Family;
  readonly destination: string;
  readonly source: string | null;
  readonly iif: string | null;
  readonly mark: number;
  readonly protocol?: Protocol;
  /** The kernel asks without protocol and ports: a rule that selects by them does not select this. */
  readonly withoutProtocol?: true;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

export type RouteOutcome =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'no-route';

export interface RouteAnswer {
  readonly outcome: RouteOutcome;
  /** What decided: a route of a table, the action of a policy rule, or the end of the list. */
  readonly decidedBy: 'route' | 'rule' | 'none';
  /** The rule whose table held the route, or whose action decided. */
  readonly rule: PolicyRule | null;
  readonly route: RouteState | null;
  /** The next hops that can be chosen: one, or several of a multipath route (then the first is the answer's). */
  readonly candidates: readonly Nexthop[];
  readonly dev: string | null;
  /** Gateway, or `null` when the destination is on-link. */
  readonly gateway: string | null;
  /** Source address that a local sender without one would use. */
  readonly preferredSource: string | null;
  /** Rules that could not be judged (uid range of the sender, …), in their text form. */
  readonly unknowns: readonly string[];
}

/** What became of the reverse-path check (fib_validate_source) of a received packet. */
export interface ReversePathAnswer {
  readonly passes: boolean;
  /** max(conf.all.rp_filter, conf.DEV.rp_filter). */
  readonly effective: 0 | 1 | 2;
  readonly settings: { readonly all: number; readonly device: number };
  readonly because: 'off' | 'same-device' | 'loose' | 'other-device' | 'no-route' | 'local-source' | 'local-accepted';
  /** Device that the route back to the source uses. */
  readonly expectedDevice: string | null;
  readonly answer: RouteAnswer | null;
}
