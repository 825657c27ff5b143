import type { LinkState } from '../model/state.js';
import { neighbourOf } from '../routing/index.js';
import { vethPeer } from './other-end.js';
import { linkByName, type NetnsTopology, type Place, type Topology, type Wanted } from './topology.js';

/** Namespaces that are read at most to find the owner of an address on a bridge. */
export const MOST_SEARCHED = 32;

export interface BridgeMember {
  readonly port: LinkState;
  readonly peer: Place;
}

/**
 * The container on a bridge that owns an address: its port and its own device. The forwarding database tells where to look
 * first; only the owner's own addresses prove it, because a neighbour entry may be stale.
 */
export const bridgeMember = (
  topology: Topology,
  netns: NetnsTopology,
  bridge: string,
  address: string,
  asker: { readonly netns: NetnsTopology; readonly dev: string },
): { readonly member: BridgeMember | null; readonly wanted: readonly Wanted[] } => {
  const ends = netns.links
    .filter((link) => link.master === bridge && link.kind === 'veth')
    .map((port) => ({ port, ...vethPeer(topology, netns, port) }));
  const owner = ends.find((end) => end.place !== null && owns(end.place.netns, end.place.link, address));
  if (owner?.place) return { member: { port: owner.port, peer: owner.place }, wanted: [] };
  const hinted = portByFdb(netns, bridge, address, asker);
  const hint = ends.find((end) => end.port.ifname === hinted?.ifname)?.wanted ?? [];
  const all = ends.flatMap((end) => end.wanted);
  return { member: null, wanted: hint.length > 0 ? hint : all.slice(0, MOST_SEARCHED) };
};

const owns = (netns: NetnsTopology, link: LinkState, address: string): boolean =>
  netns.addresses.some((own) => own.local === address && (own.ifname === link.ifname || own.ifname !== 'lo'));

/** The port behind which the forwarding database has the station that `address` resolves to. */
export const portByFdb = (
  netns: NetnsTopology,
  bridge: string,
  address: string,
  asker: { readonly netns: NetnsTopology; readonly dev: string },
): LinkState | null => {
  const mac =
    neighbourOf(asker.netns, asker.dev, address)?.lladdr ?? neighbourOf(netns, bridge, address)?.lladdr ?? null;
  const entry = netns.fdb.find((one) => one.master === bridge && one.mac === mac && one.ifname !== bridge);
  const port = linkByName(netns, entry?.ifname ?? null);
  return port?.address === mac ? null : port;
};

/** The port of a bridge that leads out of this machine: the one behind which the next hop is, else a physical one that works, or the only one. */
export const outerPort = (
  netns: NetnsTopology,
  bridge: string,
  nextHop: string,
  asker: { readonly netns: NetnsTopology; readonly dev: string },
): LinkState | null => {
  const ports = netns.links.filter((link) => link.master === bridge);
  const physical = ports.filter((link) => link.kind === null || OUTER_KINDS.has(link.kind));
  const working = physical.find((port) => isForwarding(netns, port));
  const only = ports.length === 1 ? ports[0] : undefined;
  return portByFdb(netns, bridge, nextHop, asker) ?? working ?? physical[0] ?? only ?? null;
};

const isForwarding = ({ bridgePorts }: NetnsTopology, { ifname, flags }: LinkState): boolean =>
  flags.includes('LOWER_UP') &&
  (bridgePorts.find((port) => port.ifname === ifname)?.state ?? 'forwarding') === 'forwarding';

const OUTER_KINDS: ReadonlySet<string> = new Set(['vlan', 'bond', 'team', 'vxlan', 'gretap', 'macvlan']);
