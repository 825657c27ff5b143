import { hopOf } from '../../src/model/path-queries.js';
import type { AddressState, LinkState } from '../../src/model/state.js';
import type { CheckContext } from '../define-check.js';
import { globalAddresses } from './container.js';

/**
 * Interfaces that could lead outside: not loopback, no bridge, no port of one, not a veth of this path's container; other
 * veths, which lead to other containers, only where there is nothing else.
 */
const uplinkCandidates = (context: CheckContext, links: readonly LinkState[]): readonly LinkState[] => {
  const own = hopOf(context.path, 'veth-host')?.ifindex;
  const candidates = links.filter(
    (link) =>
      !link.flags.includes('LOOPBACK') &&
      link.kind !== 'bridge' &&
      link.master === null &&
      link.ifindex !== own &&
      link.kind !== 'ifb' &&
      link.kind !== 'dummy',
  );
  const others = candidates.filter((link) => link.kind !== 'veth');
  return others.length > 0 ? others : candidates;
};

export type NoRouteReason =
  | { readonly kind: 'down'; readonly links: readonly LinkState[] }
  | { readonly kind: 'no-address'; readonly links: readonly LinkState[] }
  | { readonly kind: 'no-route' };

/** Why the host has no route outside: no candidate is up, none that is up has an address, or only the route is gone. */
export const whyNoRoute = (
  context: CheckContext,
  links: readonly LinkState[],
  addresses: readonly AddressState[],
): NoRouteReason => {
  const candidates = uplinkCandidates(context, links);
  const addressed = new Set(globalAddresses(addresses, context.flow.family).map((address) => address.ifname));
  const up = candidates.filter((link) => link.flags.includes('UP'));
  if (up.some((link) => addressed.has(link.ifname))) return { kind: 'no-route' };
  const down = candidates.filter((link) => !link.flags.includes('UP'));
  const downWithAddress = down.filter((link) => addressed.has(link.ifname));
  if (downWithAddress.length > 0) return { kind: 'down', links: downWithAddress };
  if (up.length > 0) return { kind: 'no-address', links: up };
  return down.length > 0 ? { kind: 'down', links: down } : { kind: 'no-route' };
};
