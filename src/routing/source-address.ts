import type { Family } from '../model/flow.js';
import type { AddressState, Nexthop, RouteState } from '../model/state.js';
import { commonPrefix, holds, parseAddress } from './network.js';
import { type RoutingState, vrfOf } from './state.js';
import type { RouteQuery } from './types.js';

/** Larger is narrower; an address serves a route whose scope is at least as narrow. */
const SCOPES = new Map([
  ['global', 0],
  ['site', 200],
  ['link', 253],
  ['host', 254],
  ['nowhere', 255],
]);

const scopeNumber = (scope: string | null): number => SCOPES.get(scope ?? 'global') ?? Number(scope);

/**
 * The address of a device that a sender without one gets, and that MASQUERADE takes: of the primary addresses with a
 * wide enough scope the one in the subnet of `forDestination` (the next hop), else the first; without any the first of
 * another device.
 * @see inet_select_addr in net/ipv4/devinet.c
 */
export const primaryAddress = (
  state: RoutingState,
  dev: string,
  family: Family,
  forDestination: string | null = null,
): string | null =>
  family === 4
    ? selectIpv4(state, dev, forDestination, 0)
    : selectIpv6(state, dev, forDestination ?? '2000::', candidates6(state));

/** Source address of a packet that takes a route and has none yet. */
export const sourceForRoute = (
  state: RoutingState,
  query: RouteQuery,
  route: RouteState,
  nexthop: Nexthop | null,
): string | null => {
  if (route.prefsrc !== null) return route.prefsrc;
  if (route.type === 'local') return query.destination;
  if (nexthop?.dev == null) return null;
  if (query.family === 6) return selectIpv6(state, nexthop.dev, query.destination, candidates6(state));
  const gateway = nexthop.gateway?.includes(':') ? null : nexthop.gateway;
  return selectIpv4(state, nexthop.dev, gateway, scopeNumber(route.scope));
};

const selectIpv4 = (state: RoutingState, dev: string, near: string | null, scope: number): string | null => {
  const primaries = state.addresses.filter(
    (address) => address.family === 4 && !address.flags.includes('secondary') && scopeNumber(address.scope) <= scope,
  );
  const own = primaries.filter((address) => address.ifname === dev);
  const beside = near === null ? undefined : own.find((address) => inSubnetOf(address, near));
  const vrf = vrfOf(state, dev)?.ifname ?? null;
  const elsewhere = primaries.filter(
    (address) => address.scope !== 'link' && (vrfOf(state, address.ifname)?.ifname ?? null) === vrf,
  );
  return (beside ?? own[0] ?? elsewhere[0])?.local ?? null;
};

const inSubnetOf = (address: AddressState, other: string): boolean => {
  const network = parseAddress(address.peer ?? address.local);
  const value = parseAddress(other);
  if (network === null || value === null || network.family !== value.family) return false;
  return holds({ ...network, length: address.prefixLength }, value.value);
};

const candidates6 = (state: RoutingState): AddressState[] =>
  state.addresses.filter(
    (address) => address.family === 6 && !address.flags.includes('tentative') && !address.flags.includes('dadfailed'),
  );

/**
 * IPv6 source selection by the rules of RFC 6724 that the state can decide: same address, scope, not deprecated, outgoing
 * device, longest common prefix.
 */
const selectIpv6 = (
  state: RoutingState,
  dev: string,
  destination: string,
  candidates: readonly AddressState[],
): string | null => {
  const target = parseAddress(destination)?.value;
  if (target === undefined) return null;
  const vrf = vrfOf(state, dev)?.ifname ?? null;
  const wanted = scope6(target);
  const usable = candidates.filter((address) =>
    wanted === 'link' ? address.ifname === dev : (vrfOf(state, address.ifname)?.ifname ?? null) === vrf,
  );
  const rank = (address: AddressState): number[] => {
    const value = parseAddress(address.local)?.value ?? 0n;
    return [
      value === target ? 1 : 0,
      scope6(value) === wanted ? 1 : 0,
      address.flags.includes('deprecated') ? 0 : 1,
      address.ifname === dev ? 1 : 0,
      commonPrefix(6, value, target),
    ];
  };
  return usable.toSorted((one, other) => compareRanks(rank(other), rank(one)))[0]?.local ?? null;
};

const compareRanks = (one: readonly number[], other: readonly number[]): number =>
  one.map((value, index) => value - (other[index] ?? 0)).find((difference) => difference !== 0) ?? 0;

const scope6 = (value: bigint): 'link' | 'host' | 'global' => {
  if (value === 1n) return 'host';
  const isLink = value >> 118n === 0x3fan || (value >> 120n === 0xffn && ((value >> 112n) & 0xfn) <= 2n);
  return isLink ? 'link' : 'global';
};
