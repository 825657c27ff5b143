import type { Hop, Path } from '../model/path.js';
import type { LinkState } from '../model/state.js';
import { assemblePath, type Segment, STAGES } from './segments.js';
import { linkByName, netnsById, type Topology } from './topology.js';

export interface InboundWay {
  /** Device of the host that the client's packets come in by; `null` when the host itself is the client. */
  readonly entry: string | null;
  /** Port and bridge of a client that is a container of this host, or of the NIC by which it comes; else none. */
  readonly ports: readonly Hop[];
  /** Address of the container, to which the host's last hop goes. */
  readonly container: string | null;
}

/**
 * The path of a client's packets to a container, from the container's own path to the outside: its hops the other way
 * round, from the host's uplink (or socket) to the service. `null` where the host does not route to the container.
 */
export const reversePath = (topology: Topology, path: Path, way: InboundWay): Path | null => {
  const router = path.routers.find(({ netns }) => netns === 'host');
  const link = router && path.links.find(({ id }) => id === router.link);
  const last = path.hops.findIndex(({ id }) => id === link?.from);
  if (!router || last < 1) return null;
  const host = netnsById(topology, 'host');
  const entry = way.entry === null ? null : linkByName(host, way.entry);
  const client: Segment =
    way.entry === null
      ? { role: 'socket', netns: 'host', link: null, stages: [] }
      : { role: 'outside', netns: 'host', link: null, stages: [] };
  const uplink: Segment = {
    role: 'uplink',
    netns: 'host',
    link: entry,
    stages: STAGES.outside,
    ...(entry === null ? { note: `the host has no device ${way.entry}` } : {}),
  };
  const entering: Segment[] = way.ports.map((hop, index) => ({
    role: hop.role,
    netns: 'host',
    link: linkByName(host, hop.ifname),
    stages: index > 0 ? STAGES.intoBridge : hop.role === 'uplink' ? STAGES.outside : STAGES.veth,
  }));
  const whole = path.hops.slice(1, last + 1).reverse();
  const inward = way.ports.some(({ ifname }) => ifname === router.iif) ? whole.slice(1) : whole;
  const routed = {
    netns: 'host',
    iif: way.entry ?? 'lo',
    oif: router.iif,
    nextHop: way.container,
  };
  const segments: Segment[] = inward.map((hop, index) => ({
    role: hop.role,
    netns: hop.netns,
    link: deviceOf(topology, hop),
    stages: index === 0 ? (way.entry === null ? STAGES.origin : STAGES.router) : stagesInto(inward, index),
    ...(hop.note === undefined ? {} : { note: hop.note }),
    ...(index === 0 ? { router: routed } : {}),
  }));
  const service: Segment = { role: 'service', netns: 'target', link: null, stages: STAGES.input };
  return assemblePath(
    [client, ...(entering.length > 0 ? entering : way.entry === null ? [] : [uplink]), ...segments, service],
    [],
    path.notes,
  );
};

const deviceOf = (topology: Topology, { netns, ifname }: Hop): LinkState | null =>
  linkByName(netnsById(topology, netns), ifname);

/** Out of a bridge by its port, and over the veth pair into the container. */
const stagesInto = (inward: readonly Hop[], index: number): Segment['stages'] => {
  const [before, hop] = [inward[index - 1], inward[index]];
  if (before?.role === 'bridge') return STAGES.outOfBridge;
  return before?.netns === hop?.netns ? STAGES.lower : STAGES.veth;
};
