import { collectNetns } from '../collect/index.js';
import { resolveTarget } from '../discover/index.js';
import type { NetnsRef } from '../model/netns.js';

/** A destination that belongs to the container's own configuration. */
export interface Suggestion {
  readonly text: string;
  readonly why: string;
}

/** The container's gateways and DNS servers. Reads its routes and resolv.conf, and sends nothing. */
export const suggestDestinations = async (spelled: string, signal: AbortSignal): Promise<readonly Suggestion[]> => {
  const target = await resolveTarget(spelled, { signal });
  const netns: NetnsRef = { id: 'target', name: target.name, path: target.netnsPath, inode: 0 };
  const reads = collectNetns(netns, ['routes', 'resolvConf'], { signal, pid: target.pid });
  const [routes, resolvConf] = await Promise.all([reads.routes, reads.resolvConf]);
  const gateways = (routes.ok ? routes.value : [])
    .filter(({ destination }) => destination === '0.0.0.0/0' || destination === '::/0')
    .flatMap(({ nexthops }) => nexthops.flatMap(({ gateway }) => gateway ?? []));
  const servers = resolvConf.ok && target.pid !== null ? resolvConf.value.nameservers : [];
  return [
    ...[...new Set(gateways)].map((text) => ({ text, why: 'its gateway' })),
    ...[...new Set(servers)].map((text) => ({ text, why: 'its DNS server' })),
  ];
};
