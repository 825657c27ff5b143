import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { InboundEvidence, InboundWish } from '../model/inbound.js';
import type { NetnsRef } from '../model/netns.js';
import type { Hop, Path } from '../model/path.js';
import type { Target } from '../model/target.js';
import { lookupRoute, primaryAddress } from '../routing/index.js';
import { type Destination, parseDestination } from './destination.js';
import { type DiscoverOptions, type Discovery, discoverTopology } from './discover-topology.js';
import { dockerProxyOf } from './docker-proxies.js';
import { publishedPort } from './published-port.js';
import { resolveTarget } from './resolve-target.js';
import { reversePath } from './reverse-path.js';
import { type FlowRequest, linkByName, netnsById, type Topology } from './topology.js';

export interface InboundDiscovery extends Discovery {
  readonly inbound: InboundEvidence;
  /** Where the probe is sent from; `null` when connections of others are waited for. */
  readonly sender: NetnsRef | null;
}

/** Stands for any address outside: nothing is sent to it. @see RFC 5737, RFC 3849 */
const ANYONE = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/**
 * The way of a client's packets to a container that publishes a place of this host.
 * @throws KnownError for a destination that is no place of the host, and for a client that does not come by its uplink
 */
export const discoverInbound = async (
  target: Target,
  spelled: string,
  wish: InboundWish,
  options: DiscoverOptions = {},
): Promise<InboundDiscovery> => {
  const published = parseDestination(spelled);
  const { family, protocol, port } = requirePlace(published);
  const request: FlowRequest = {
    family,
    protocol,
    port,
    destination: published.host,
    destinationText: published.text,
    source: null,
    mark: 0,
  };
  const [client, proxy] = await Promise.all([clientOf(wish, request, options), dockerProxyOf(request)]);
  const outward = {
    ...request,
    protocol: 'icmp',
    destination: client.ports.length > 0 ? ANYONE[family] : (client.address ?? ANYONE[family]),
  } as const;
  const discovery = await discoverTopology(target, outward, options);
  const { topology } = discovery;
  const device = discovery.path.hops[1]?.ifname ?? null;
  const container = device === null ? null : primaryAddress(netnsById(topology, 'target'), device, family);
  const bridge = client.ports.at(-1)?.ifname ?? null;
  const entry = client.kind === 'host' ? null : (bridge ?? client.entry ?? entryOf(topology, request, discovery.path));
  const ports = client.ports.length > 0 ? client.ports : bridgedEntry(topology, discovery.path, entry);
  const path = reversePath(topology, discovery.path, { entry, ports, container });
  if (path === null)
    throw new KnownError(`this host does not route to ${target.name}: no port of it can be published here`, {
      exitCode: EXIT.inconclusive,
      hint: `see how it is connected: vethoscope list`,
    });
  const source = client.kind === 'host' ? sourceOnHost(topology, request) : client.address;
  const flow: Flow = { ...request, kind: 'inbound', source };
  return {
    ...discovery,
    path,
    flow,
    sender: client.kind === 'host' ? (discovery.netns.find(({ id }) => id === 'host') ?? null) : client.netns,
    inbound: {
      client: {
        kind: client.kind,
        name: client.name,
        ...(client.kind === 'netns' && wish.simulate !== null ? { spelled: wish.simulate } : {}),
      },
      container,
      port: publishedPort(target.ports ?? [], request),
      proxy,
    },
  };
};

const EXAMPLE = 'for example: vethoscope trace web tcp://198.51.100.10:8080 --inbound';

const requirePlace = ({ family, protocol, port, host }: Destination) => {
  if (family === null)
    throw new KnownError(`${host} is a name`, {
      exitCode: EXIT.usage,
      hint: `write the host's address: ${EXAMPLE.slice('for example: '.length)}`,
    });
  if (protocol === 'icmp' || port === null)
    throw new KnownError('--inbound needs the published place, an address with a port', {
      exitCode: EXIT.usage,
      hint: EXAMPLE,
    });
  return { family, protocol, port };
};

interface Client {
  readonly kind: InboundEvidence['client']['kind'];
  readonly name: string;
  readonly netns: NetnsRef | null;
  readonly address: string | null;
  /** Device of the host by which its packets come in, where the namespace lies on this machine. */
  readonly entry: string | null;
  /** Port and bridge of a container of this host that is the client. */
  readonly ports: readonly Hop[];
}

const clientOf = async ({ simulate }: InboundWish, request: FlowRequest, options: DiscoverOptions): Promise<Client> => {
  if (simulate === null)
    return { kind: 'anyone', name: 'anyone outside', netns: null, address: null, entry: null, ports: [] };
  if (simulate === 'host')
    return { kind: 'host', name: 'this host', netns: null, address: null, entry: null, ports: [] };
  const target = await resolveTarget(simulate, { signal: options.signal });
  const { onNetns: _, ...reading } = options;
  const { path, flow, netns } = await discoverTopology(target, request, reading);
  const inHost = path.hops.filter((hop) => hop.netns === 'host' && hop.ifname !== null);
  const bridge = inHost.findIndex(({ role }) => role === 'bridge');
  const own = netns.find(({ id }) => id === 'target');
  const ref: NetnsRef = { id: 'client', name: target.name, path: target.netnsPath, inode: own?.inode ?? 0 };
  return {
    kind: 'netns',
    name: target.name,
    netns: ref,
    address: flow.source,
    entry: bridge >= 0 ? null : (inHost[0]?.ifname ?? null),
    ports: inHost.slice(0, bridge + 1),
  };
};

/** The device that has the published address, or by which this host reaches the outside. */
const entryOf = (topology: Topology, { destination, family }: FlowRequest, path: Path): string | null => {
  const host = netnsById(topology, 'host');
  const owner = host.addresses.find((own) => own.local === destination && own.scope !== 'host');
  if (owner) return owner.ifname;
  const uplink = path.hops.find(({ role }) => role === 'uplink')?.ifname ?? null;
  return uplink ?? lookupRoute(host, { family, destination: ANYONE[family], source: null, iif: null, mark: 0 }).dev;
};

/** The NIC and the bridge by which packets come in, where the device that has the published address is a bridge. */
const bridgedEntry = (topology: Topology, { hops }: Path, entry: string | null): readonly Hop[] => {
  const host = netnsById(topology, 'host');
  const at = hops.findIndex(({ role, ifname }) => role === 'uplink' && ifname === entry);
  const [bridge, port] = [hops[at], hops[at + 1]];
  const isPort = linkByName(host, port?.ifname ?? null)?.master === entry;
  return bridge && port && isPort && linkByName(host, entry)?.kind === 'bridge'
    ? [
        { ...port, role: 'uplink' },
        { ...bridge, role: 'bridge' },
      ]
    : [];
};

const sourceOnHost = (topology: Topology, { family, destination }: FlowRequest): string | null =>
  lookupRoute(netnsById(topology, 'host'), { family, destination, source: null, iif: null, mark: 0 }).preferredSource ??
  destination;
