import type { PolicyRule, RouteState } from '../model/state.js';
import { lookupRoute } from './lookup-route.js';
import type { RoutingState } from './state.js';
import type { RouteAnswer, RouteQuery } from './types.js';

/** What is left of the rules and routes when nothing in them refuses a packet any more. */
export interface MendedRoute {
  readonly rules: readonly PolicyRule[];
  readonly routes: readonly RouteState[];
  /** The route that the packet then takes. */
  readonly answer: RouteAnswer;
  /** No route was left, and one by the given device stands in for it: its gateway is not known. */
  readonly isAssumed: boolean;
}

const MOST_REFUSALS = 16;

/**
 * The way of a refused packet were the refusal mended: without the error routes and rules that decide about it, one after
 * the other, and, where no route is left, with one to its destination by `device`. `null` when there is no telling.
 */
export const mendRoute = (state: RoutingState, query: RouteQuery, device: string | null): MendedRoute | null => {
  let { rules, routes } = state;
  let isAssumed = false;
  for (let tries = 0; tries < MOST_REFUSALS; tries += 1) {
    const answer = lookupRoute({ ...state, rules, routes }, query);
    if (answer.outcome === 'unicast') return { rules, routes, answer, isAssumed };
    const refusal = answer.decidedBy === 'rule' ? answer.rule : isRefused(answer) ? answer.route : null;
    if (refusal !== null) {
      rules = rules.filter((rule) => rule !== refusal);
      routes = routes.filter((route) => route !== refusal);
    } else if (answer.outcome === 'no-route' && device !== null && !isAssumed) {
      routes = [...routes, assumedRoute(query, device)];
      isAssumed = true;
    } else return null;
  }
  return null;
};

const isRefused = ({ outcome }: RouteAnswer): boolean =>
  outcome === 'blackhole' || outcome === 'unreachable' || outcome === 'prohibit';

const assumedRoute = ({ family, destination }: RouteQuery, device: string): RouteState => ({
  family,
  table: 'main',
  type: 'unicast',
  destination: `${destination}/${family === 4 ? 32 : 128}`,
  nexthops: [{ dev: device, gateway: null, weight: 1, flags: [] }],
  metric: 0,
  tos: 0,
  prefsrc: null,
  protocol: null,
  scope: null,
  mtu: null,
  text: `${destination} dev ${device}`,
});
