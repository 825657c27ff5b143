import { isMulticast } from './lookup-route.js';
import { parseAddress } from './network.js';
import type { RoutingState } from './state.js';
import { routesTo } from './tables.js';

/**
 * What an address is to a namespace, by its `local` table; with a device, what it is to that device alone.
 * @see inet_addr_type, inet_dev_addr_type in net/ipv4/fib_frontend.c
 */
export const addressType = (
  state: Pick<RoutingState, 'routes'>,
  address: string,
  device?: string,
): 'local' | 'broadcast' | 'unicast' | 'multicast' => {
  if (isMulticast(address)) return 'multicast';
  if (address === '255.255.255.255' || address === '0.0.0.0') return 'broadcast';
  const parsed = parseAddress(address);
  if (parsed === null) return 'unicast';
  const route = routesTo(state.routes, parsed.family, 'local', parsed.value)[0]?.route;
  if (device !== undefined && route?.nexthops.every((hop) => hop.dev !== device)) return 'unicast';
  if (route?.type === 'broadcast') return 'broadcast';
  return route?.type === 'local' || route?.type === 'anycast' ? 'local' : 'unicast';
};
