import { neighbourOf } from '../routing/index.js';
import { vethPeer } from './other-end.js';
import { linkByName, netnsById, type Topology, type Wanted } from './topology.js';

/**
 * What has to be read to see who else has the container's address: the host sends what is for it to a MAC address that none
 * of the container's devices has, and its bridge knows that one behind the veth of another namespace.
 */
export const wantedTwin = (topology: Topology, source: string | null): readonly Wanted[] => {
  const host = netnsById(topology, 'host');
  const own = netnsById(topology, 'target').links.map(({ address }) => address);
  if (source === null) return [];
  return host.links.flatMap((bridge) => {
    const mac = bridge.kind === 'bridge' ? (neighbourOf(host, bridge.ifname, source)?.lladdr ?? null) : null;
    if (mac === null || own.includes(mac)) return [];
    const behind = host.fdb.find((entry) => entry.master === bridge.ifname && entry.mac === mac);
    const port = linkByName(host, behind?.ifname ?? null);
    return port?.kind === 'veth' && port.address !== mac ? vethPeer(topology, host, port).wanted : [];
  });
};
