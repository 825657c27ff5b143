import ipaddr from 'ipaddr.js';
import type { Family } from '../../src/model/flow.js';
import type { AddressState, RouteState } from '../../src/model/state.js';

const inPrefix = (address: string, network: string, length: number): boolean => {
  const [a, n] = [ipaddr.parse(address), ipaddr.parse(network)];
  return a.kind() === n.kind() && a.match(n, length);
};

/** Addresses a container can be reached by: global ones on devices other than lo. */
export const globalAddresses = (addresses: readonly AddressState[], family: Family): readonly AddressState[] =>
  addresses.filter(
    (address) =>
      address.family === family && address.scope !== 'host' && address.scope !== 'link' && address.ifname !== 'lo',
  );

/**
 * The host's address inside the subnet of the container's device: what its default route should point to. `null` when
 * the host has none there.
 */
export const gatewayGuess = (
  target: readonly AddressState[],
  host: readonly AddressState[],
  device: string,
  family: Family,
): string | null => {
  const own = globalAddresses(target, family).filter((address) => address.ifname === device);
  const gateway = globalAddresses(host, family).find((candidate) =>
    own.some((address) => inPrefix(candidate.local, address.local, address.prefixLength)),
  );
  return gateway?.local ?? null;
};

/** Default routes of the main table that use a device. */
export const defaultRoutesBy = (routes: readonly RouteState[], device: string): readonly RouteState[] =>
  routes.filter(
    (route) =>
      route.table === 'main' &&
      (route.destination === '0.0.0.0/0' || route.destination === '::/0') &&
      route.nexthops.some((hop) => hop.dev === device),
  );

/** Whether an address lies in the subnet of one of the given addresses. */
export const inSubnetOf = (address: string, owners: readonly AddressState[]): AddressState | null =>
  owners.find(
    (owner) =>
      ipaddr.parse(owner.local).kind() === ipaddr.parse(address).kind() &&
      inPrefix(address, owner.local, owner.prefixLength),
  ) ?? null;

/** Whether a device of the host has an address in the subnet of the container's. */
export const hasSubnetOf = (addresses: readonly AddressState[], device: string, container: string | null): boolean =>
  container !== null &&
  inSubnetOf(
    container,
    addresses.filter((address) => address.ifname === device),
  ) !== null;

/** The first usable address of a subnet: what nearly every tool gives to the bridge. */
export const firstUsable = (address: string, prefixLength: number): string | null => {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv4) || prefixLength > 30) return null;
  const network = ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefixLength}`).toByteArray();
  network[3] = (network[3] ?? 0) + 1;
  return network.join('.');
};
