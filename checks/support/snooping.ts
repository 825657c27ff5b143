import type { LinkState } from '../../src/model/state.js';
import { solicitedNode } from '../../src/routing/walk-resolution.js';
import type { CheckContext } from '../define-check.js';

/** How a bridge hands on the question for an IPv6 neighbour, which goes to a multicast group. */
export interface Snooping {
  /** The group of the address that is asked for. */
  readonly group: string;
  /** Whether the bridge sends the group by the port that was named, because the port has reported it or gets all of them. */
  readonly reaches: boolean;
  /** Who asks for reports, so that what nobody reported goes nowhere; `null` where nobody is known to: then it is flooded. */
  readonly querier: 'bridge' | { readonly port: string } | null;
}

/**
 * What a bridge of the host that snoops multicast does with the question for an address at a port; `null` where it does
 * not snoop for all VLANs alike, or its groups were not read.
 * @see br_multicast_querier_exists() in net/bridge/br_private.h, br_multicast_flood() in net/bridge/br_forward.c
 */
export const snoopingAt = (
  context: CheckContext,
  { ifname: bridge, data }: LinkState,
  port: string,
  address: string,
): Snooping | null => {
  const groups = context.bridgeGroups('host');
  if (groups === null || data['mcast_snooping'] !== 1 || data['mcast_vlan_snooping'] === 1) return null;
  const group = solicitedNode(address);
  const routers = groups.routers.filter((one) => one.bridge === bridge);
  const isMember = groups.members.some((one) => one.bridge === bridge && one.port === port && one.group === group);
  const heard = routers.find(({ isSet }) => !isSet);
  return {
    group,
    reaches: isMember || routers.some((one) => one.port === port),
    querier: data['mcast_querier'] === 1 ? 'bridge' : heard ? { port: heard.port } : null,
  };
};
