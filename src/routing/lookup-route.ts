import type { Nexthop, PolicyRule, RouteState } from '../model/state.js';
import { matchRule } from './match-rule.js';
import { holds, parseAddress } from './network.js';
import { confNumber, forwardsBroadcast } from './settings.js';
import { sourceForRoute } from './source-address.js';
import { linkNamed, type RoutingState, vrfOf } from './state.js';
import { routesTo, type TableEntry } from './tables.js';
import type { RouteAnswer, RouteOutcome, RouteQuery } from './types.js';

/**
 * The kernel's answer for a packet: policy rules by priority, then the tables they name. TOS 0 is assumed, and user 0 for
 * a local sender. Forwarding flags, martian addresses and the reverse-path check are not part of it.
 * @see fib_rules_lookup in net/core/fib_rules.c, fib_table_lookup in net/ipv4/fib_trie.c; ip-rule(8)
 */
export const lookupRoute = (state: RoutingState, query: RouteQuery): RouteAnswer =>
  withoutRoutes(query) ?? lookupInVrf(state, query, vrfOf(state, query.iif)?.ifname ?? null);

/**
 * The answer for what IPv4 receives for a group or for everybody, of which no rule and no route is asked.
 * @see ip_route_input_rcu and ip_route_input_slow in net/ipv4/route.c
 */
const withoutRoutes = ({ family, destination, iif }: RouteQuery): RouteAnswer | null => {
  if (family === 6 || iif === null || iif === 'lo') return null;
  if (destination === LIMITED_BROADCAST) return { ...NOTHING, outcome: 'broadcast' };
  return isMulticast(destination) ? { ...NOTHING, outcome: 'multicast' } : null;
};

/** {@link lookupRoute} for a packet whose VRF is not that of its `iif`: the reverse-path check asks so. */
export const lookupInVrf = (state: RoutingState, query: RouteQuery, vrf: string | null): RouteAnswer => {
  const unknowns: string[] = [];
  const rules = rulesOf(state, query);
  let index = 0;
  while (index < rules.length) {
    const rule = rules[index] as PolicyRule;
    index += 1;
    const { matches, unsure } = matchRule(state, rule, query, vrf);
    if (unsure) unknowns.push(rule.text);
    if (!matches || rule.action === 'nop') continue;
    if (rule.action === 'goto') {
      const target = rules.findIndex((other) => other.priority === rule.goto);
      if (target >= index) index = target;
      continue;
    }
    if (rule.action !== 'table') return { ...NOTHING, outcome: rule.action, decidedBy: 'rule', rule, unknowns };
    const found = lookupTable(state, query, tableOf(state, rule, vrf));
    if (found === null || isSuppressed(state, rule, found)) continue;
    return { ...answerOf(state, query, found, vrf), rule, unknowns };
  }
  return { ...NOTHING, unknowns };
};

const NOTHING = {
  outcome: 'no-route',
  decidedBy: 'none',
  rule: null,
  route: null,
  candidates: [],
  dev: null,
  gateway: null,
  preferredSource: null,
  unknowns: [],
} as const satisfies RouteAnswer;

const rulesOf = (state: RoutingState, query: RouteQuery): PolicyRule[] =>
  state.rules.filter((rule) => rule.family === query.family).sort((one, other) => one.priority - other.priority);

const tableOf = (state: RoutingState, rule: PolicyRule, vrf: string | null): string | null => {
  if (!rule.l3mdev) return rule.table;
  const table = linkNamed(state, vrf)?.data['table'];
  return typeof table === 'number' || typeof table === 'string' ? String(table) : null;
};

interface Found {
  readonly entry: TableEntry;
  readonly nexthops: readonly Nexthop[];
}

/** `null` when the table holds no route, or says `throw`: the next rule decides. */
const lookupTable = (state: RoutingState, query: RouteQuery, table: string | null): Found | null => {
  const destination = parseAddress(query.destination);
  if (table === null || destination === null) return null;
  for (const entry of routesTo(state.routes, query.family, table, destination.value)) {
    if (entry.route.tos !== 0 || !acceptsSource(entry, query)) continue;
    if (entry.route.type === 'throw') return null;
    if (isError(entry.route)) return { entry, nexthops: [] };
    const nexthops = entry.route.nexthops.filter((hop) => isUsable(state, query, hop));
    if (nexthops.length > 0 || entry.route.nexthops.length === 0) return { entry, nexthops };
  }
  return null;
};

const acceptsSource = (entry: TableEntry, query: RouteQuery): boolean => {
  if (entry.from === null) return true;
  const source = query.source === null ? null : parseAddress(query.source);
  return source !== null && holds(entry.from, source.value);
};

const isError = (route: RouteState): boolean =>
  route.type === 'blackhole' || route.type === 'unreachable' || route.type === 'prohibit';

const isUsable = (state: RoutingState, query: RouteQuery, hop: Nexthop): boolean => {
  if (hop.flags.includes('dead')) return false;
  if (!hop.flags.includes('linkdown') || hop.dev === null) return true;
  const either = ['all', hop.dev].map((dev) => confNumber(state, query.family, dev, 'ignore_routes_with_linkdown'));
  return !either.includes(1);
};

const isSuppressed = (state: RoutingState, rule: PolicyRule, found: Found): boolean => {
  if (isError(found.entry.route)) return false;
  if (rule.suppressPrefixLength !== null && found.entry.network.length <= rule.suppressPrefixLength) return true;
  const group = linkNamed(state, found.nexthops[0]?.dev ?? null)?.group;
  return rule.suppressIfgroup !== null && group !== undefined && groupName(group) === groupName(rule.suppressIfgroup);
};

const groupName = (group: string): string => (group === '0' ? 'default' : group);

const answerOf = (
  state: RoutingState,
  query: RouteQuery,
  { entry: { route }, nexthops }: Found,
  vrf: string | null,
): Omit<RouteAnswer, 'rule' | 'unknowns'> => {
  const outcome = outcomeOf(state, route, query);
  const first = nexthops[0];
  const local = outcome === 'local';
  return {
    outcome,
    decidedBy: 'route',
    route,
    candidates: nexthops,
    dev: local ? (vrf ?? 'lo') : isError(route) ? null : (first?.dev ?? null),
    gateway: local ? null : (first?.gateway ?? null),
    preferredSource: isError(route) ? null : sourceForRoute(state, query, route, first ?? null),
  };
};

const outcomeOf = (state: RoutingState, route: RouteState, query: RouteQuery): RouteOutcome => {
  switch (route.type) {
    case 'broadcast':
      return query.iif !== null && forwardsBroadcast(state, query.iif) ? 'unicast' : 'broadcast';
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'local':
    case 'multicast':
      return route.type;
    case 'anycast':
      return 'local';
    default:
      return isMulticast(query.destination) ? 'multicast' : 'unicast';
  }
};

/** Everybody on the link: no router hands it on. */
export const LIMITED_BROADCAST = '255.255.255.255';

/** Whether an address is a multicast one: 224.0.0.0/4 or ff00::/8. */
export const isMulticast = (address: string): boolean => {
  const parsed = parseAddress(address);
  if (parsed === null) return false;
  return parsed.family === 4 ? parsed.value >> 28n === 0xen : parsed.value >> 120n === 0xffn;
};
