import type { Family } from '../model/flow.js';
import type { PolicyRule } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { lookupInVrf, lookupRoute } from './lookup-route.js';
import { parseAddress } from './network.js';
import { confEither, confNumber } from './settings.js';
import { type RoutingState, vrfOf } from './state.js';
import { tableName } from './tables.js';
import type { ReversePathAnswer, RouteAnswer, RouteQuery } from './types.js';

/** A received packet whose source is checked. */
export interface ReceivedPacket extends Omit<RouteQuery, 'iif' | 'source'> {
  readonly family: Family;
  readonly source: string;
  readonly iif: string;
}

/**
 * The reverse-path check of a received packet: the route back to its source is looked up with the addresses swapped, as if
 * the packet came in by the device it will leave by. IPv6 has no such check.
 * @see fib_validate_source in net/ipv4/fib_frontend.c
 */
export const reversePath = (state: RoutingState, packet: ReceivedPacket): ReversePathAnswer => {
  const settings = {
    all: confNumber(state, 4, 'all', 'rp_filter') ?? 0,
    device: confNumber(state, 4, packet.iif, 'rp_filter') ?? 0,
  };
  const effective = strictness(packet.family === 6 ? 0 : Math.max(settings.all, settings.device));
  const result = (because: ReversePathAnswer['because'], answer: RouteAnswer | null): ReversePathAnswer => ({
    passes: because !== 'local-source' && because !== 'other-device' && because !== 'no-route',
    effective,
    settings,
    because,
    expectedDevice: answer?.dev ?? null,
    answer,
  });
  if (packet.family === 6) return result('off', null);

  const forward = lookupRoute(state, packet);
  const oif = forward.outcome === 'unicast' ? forward.dev : null;
  const acceptLocal = confEither(state, packet.iif, 'accept_local');
  const redirectsBack = oif === packet.iif && confEither(state, packet.iif, 'send_redirects');
  if (effective === 0 && !redirectsBack) {
    if (acceptLocal) return result('off', null);
    if (!isCustom(state)) return result(isOwnAddress(state, packet.source) ? 'local-source' : 'off', null);
  }
  const back = lookupBack(state, packet, oif, forward.outcome === 'broadcast');
  return result(judge(state, packet.iif, back, effective, acceptLocal), back);
};

const judge = (
  state: RoutingState,
  iif: string,
  back: RouteAnswer,
  effective: 0 | 1 | 2,
  acceptLocal: boolean,
): ReversePathAnswer['because'] => {
  const found = back.decidedBy === 'route' && !FAILURES.has(back.outcome);
  if (!found) return effective === 0 ? 'off' : 'no-route';
  const isLocal = back.outcome === 'local';
  if (back.outcome !== 'unicast' && !(isLocal && acceptLocal)) return 'local-source';
  const matches = back.route?.nexthops.some((hop) => isSameDevice(state, hop.dev, iif)) ?? false;
  const hasAddress = state.addresses.some((address) => address.family === 4 && address.ifname === iif);
  if (!matches && effective !== 0 && (effective === 1 || !hasAddress)) return 'other-device';
  if (isLocal) return 'local-accepted';
  if (effective === 0) return 'off';
  return matches ? 'same-device' : 'loose';
};

const FAILURES: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'no-route']);

const strictness = (value: number): 0 | 1 | 2 => (value <= 0 ? 0 : value === 1 ? 1 : 2);

/** For a broadcast the kernel looks back without an address of its own. */
const lookupBack = (
  state: RoutingState,
  packet: ReceivedPacket,
  oif: string | null,
  isBroadcast: boolean,
): RouteAnswer =>
  lookupInVrf(
    state,
    {
      family: 4,
      destination: packet.source,
      source: isBroadcast ? null : packet.destination,
      iif: oif ?? 'lo',
      mark: confEither(state, packet.iif, 'src_valid_mark') ? packet.mark : 0,
      ...(isDissected(state) ? transportBack(packet) : { withoutProtocol: true }),
    },
    vrfOf(state, packet.iif)?.ifname ?? null,
  );

const transportBack = ({ protocol, sourcePort, destinationPort }: ReceivedPacket) => ({
  ...(protocol === undefined ? {} : { protocol }),
  ...(destinationPort === undefined ? {} : { sourcePort: destinationPort }),
  ...(sourcePort === undefined ? {} : { destinationPort: sourcePort }),
});

/**
 * Whether the kernel looks into received packets for protocol and ports at all: for the sake of rules that are not for
 * packets of its own alone. The way back is looked up as if for these, with what was found then.
 * @see fib_rule_requires_fldissect in include/net/fib_rules.h
 */
const isDissected = ({ rules }: RoutingState): boolean =>
  rules.some(
    ({ family, iif, protocol, sourcePorts, destinationPorts }) =>
      family === 4 && iif !== 'lo' && [protocol, sourcePorts, destinationPorts].some((selector) => selector !== null),
  );

const isSameDevice = (state: RoutingState, dev: string | null, iif: string): boolean =>
  dev === iif || (dev !== null && (vrfOf(state, dev)?.ifname === iif || vrfOf(state, iif)?.ifname === dev));

const isOwnAddress = (state: RoutingState, source: string): boolean => {
  const value = parseAddress(source)?.value;
  return state.addresses.some((address) => address.family === 4 && parseAddress(address.local)?.value === value);
};

/** With rules or local routes of its own the kernel looks the source up even where rp_filter is off. */
const isCustom = (state: RoutingState): boolean =>
  state.rules.some((rule) => rule.family === 4 && !isDefaultRule(rule)) ||
  state.routes.some((route) => route.family === 4 && route.type === 'local' && route.protocol !== 'kernel');

const DEFAULT_RULES = new Map([
  [0, 'local'],
  [32766, 'main'],
  [32767, 'default'],
]);

const isDefaultRule = (rule: PolicyRule): boolean =>
  rule.table !== null && DEFAULT_RULES.get(rule.priority) === tableName(rule.table) && rule.source === null;

/**
 * The test of `-m rpfilter` and of `fib saddr . iif oif`, whatever the sysctls say: the route to the source is a unicast
 * one, and leads by the device that the packet came in by unless `loose`.
 * @see rpfilter_lookup_reverse in net/ipv4/netfilter/ipt_rpfilter.c, nft_fib4_eval
 */
export const routeBackExists = (
  state: RoutingState,
  { family, protocol, source, destination, iif }: HookPacket,
  loose: boolean,
  withProtocol: boolean,
): boolean | null => {
  if (iif === null) return null;
  const asked = withProtocol ? { protocol } : ({ withoutProtocol: true } as const);
  const back = lookupRoute(state, { family, ...asked, destination: source, source: destination, iif: 'lo', mark: 0 });
  if (back.outcome !== 'unicast') return false;
  return loose || back.candidates.some((hop) => isSameDevice(state, hop.dev, iif));
};
