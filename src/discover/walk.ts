import type { Family, FlowKind } from '../model/flow.js';
import type { LinkState } from '../model/state.js';
import { addressType, lookupRoute, mendRoute } from '../routing/index.js';
import type { RouteAnswer } from '../routing/types.js';
import { bridgeMember, outerPort } from './bridge-member.js';
import { isTunnel, lowerChain, tunnelOf } from './lower-chain.js';
import { type SwitchedWay, switchedBehind, switchedWay } from './open-vswitch.js';
import { vethPeer } from './other-end.js';
import { type Segment, STAGES } from './segments.js';
import {
  type FlowRequest,
  isUp,
  linkByName,
  type NetnsTopology,
  type Place,
  type Topology,
  type Wanted,
} from './topology.js';

/** A packet followed for a part of its way. */
export interface Trail {
  readonly segments: readonly Segment[];
  readonly notes: readonly string[];
  readonly wanted: readonly Wanted[];
  readonly kind: FlowKind;
}

/** What stays the same on the whole way. */
export interface Walk {
  readonly topology: Topology;
  readonly request: FlowRequest;
  /** Source address as the host sees it; `null` when the container has none. */
  readonly source: string | null;
}

/** Routers after which a packet is taken to go in circles. */
const MOST_ROUTERS = 8;

const END = { notes: [], wanted: [], kind: 'egress' } as const satisfies Omit<Trail, 'segments'>;

const prefix = (segments: readonly Segment[], rest: Trail, notes: readonly string[] = []): Trail => ({
  ...rest,
  segments: [...segments, ...rest.segments],
  notes: [...notes, ...rest.notes],
});

export const outside = (netns: string): Segment => ({ role: 'outside', netns, link: null, stages: STAGES.outside });

const unknownEnd = (netns: string, note: string, wanted: readonly Wanted[] = []): Trail => ({
  ...END,
  segments: [outside(netns)],
  notes: wanted.length > 0 ? [] : [note],
  wanted,
});

/** Follows a frame that leaves a namespace by one of its devices towards a next hop on that device's network. */
export const leave = (walk: Walk, { netns, link }: Place, nextHop: string | null, routers = 0): Trail => {
  if (link.kind !== 'veth') return { ...END, segments: [outside(netns.ref.id)] };
  const { place, wanted } = vethPeer(walk.topology, netns, link);
  if (place === null)
    return unknownEnd(netns.ref.id, `${link.ifname}: its other end is not in a known namespace`, wanted);
  const arrival: Segment = { role: 'veth-host', netns: place.netns.ref.id, link: place.link, stages: STAGES.veth };
  return prefix([arrival], arrive(walk, place, { netns, dev: link.ifname }, nextHop, routers));
};

interface Asker {
  readonly netns: NetnsTopology;
  readonly dev: string;
}

/** Follows a frame that has come in by a device: into its bridge, or up to IP. */
const arrive = (walk: Walk, at: Place, asker: Asker, nextHop: string | null, routers: number): Trail => {
  const switched = switchedWay(at, nextHop);
  if (switched !== null) return onward(walk, at.netns, switched, routers);
  const master = linkByName(at.netns, at.link.master);
  if (at.link.master !== null && master?.kind !== 'bridge' && master?.kind !== 'vrf') {
    const note = `${at.link.ifname} belongs to ${at.link.master}, which is not followed`;
    return prefix([], routeOn(walk, at, routers, [...['tc' as const], ...STAGES.router]), [note]);
  }
  if (master?.kind !== 'bridge') return routeOn(walk, at, routers, ['tc', ...STAGES.router]);
  return (
    acrossBridge(walk, at, master, asker, { nextHop, routers }) ??
    prefix(
      [{ role: 'bridge', netns: at.netns.ref.id, link: master, stages: STAGES.intoBridge }],
      routeOn(walk, { netns: at.netns, link: master }, routers, STAGES.router),
    )
  );
};

/** Through Open vSwitch, and up to IP by its device. */
const onward = (walk: Walk, netns: NetnsTopology, { segments, device, note }: SwitchedWay, routers: number): Trail =>
  prefix(segments, routeOn(walk, { netns, link: device }, routers, STAGES.router), [note]);

/** The way over a bridge from port to port; `null` when the frame is for the bridge's own namespace. */
const acrossBridge = (
  walk: Walk,
  at: Place,
  bridge: LinkState,
  asker: Asker,
  { nextHop, routers }: { readonly nextHop: string | null; readonly routers: number },
): Trail | null => {
  const { netns } = at;
  if (nextHop === null) return null;
  const switched = switchedBehind(walk.topology, netns, bridge, nextHop);
  if (switched !== null) return onward(walk, netns, switched, routers);
  if (addressType(netns, nextHop) === 'local') return null;
  if (nextHop === walk.request.destination) {
    const { member, wanted } = bridgeMember(walk.topology, netns, bridge.ifname, nextHop, asker);
    if (wanted.length > 0) return { ...END, segments: [outside(netns.ref.id)], wanted };
    if (member !== null && member.port.ifindex !== at.link.ifindex) {
      return toPeer(netns, member.port, member.peer, STAGES.betweenPorts);
    }
  }
  const port = outerPort(netns, bridge.ifname, nextHop, asker);
  if (port === null || port.ifindex === at.link.ifindex) return null;
  const uplink: Segment = {
    role: 'uplink',
    netns: netns.ref.id,
    link: port,
    stages: [...STAGES.betweenPorts, ...STAGES.lower],
  };
  const chain = lowerChain(walk.topology, { netns, link: port }, nextHop);
  return { ...END, ...chain, kind: 'egress', segments: [uplink, ...chain.segments, outside(netns.ref.id)] };
};

const toPeer = (netns: NetnsTopology, port: LinkState, peer: Place, stages: Segment['stages']): Trail => ({
  ...END,
  kind: 'lateral',
  segments: [
    { role: 'bridge-port', netns: netns.ref.id, link: port, stages },
    { role: 'peer', netns: peer.netns.ref.id, link: peer.link, stages: STAGES.veth },
    { role: 'service', netns: peer.netns.ref.id, link: null, stages: STAGES.peerInput },
  ],
});

/** Follows a packet that has come up to IP in a namespace by one of its devices. */
const routeOn = (walk: Walk, at: Place, routers: number, stages: Segment['stages']): Trail => {
  const { netns, link: iif } = at;
  const { family, destination, protocol } = walk.request;
  const query = { family, destination, protocol, source: walk.source, iif: iif.ifname, mark: 0 };
  const asked = lookupRoute(netns, query);
  if (asked.outcome === 'local') {
    const kind = netns.ref.id === 'host' ? 'to-host' : 'lateral';
    return { ...END, kind, segments: [{ role: 'service', netns: netns.ref.id, link: null, stages: STAGES.input }] };
  }
  const mended = asked.outcome === 'unicast' ? null : mendRoute(netns, query, onlyUplink(netns, iif, family));
  const answer = mended?.answer ?? asked;
  // Whether a broadcast for another link is handed on, the settings say, which are not known here.
  const goesOn = answer.outcome === 'unicast' || answer.outcome === 'broadcast';
  const oif = goesOn ? linkByName(netns, answer.dev) : null;
  const nextHop = mended?.isAssumed ? null : (answer.gateway ?? destination);
  const router = { netns: netns.ref.id, iif: iif.ifname, oif: oif?.ifname ?? null, nextHop };
  if (oif === null) return noWayOn(netns, asked, { ...router, nextHop: null }, destination, stages);
  const notes = [
    ...(mended ? [`${noWayNote(netns, asked, destination)}; the path shows the way of ${oif.ifname}`] : []),
    ...spreadNotes(netns, answer),
  ];
  const sideways = mended?.isAssumed ? null : toContainer(walk, { netns, link: oif }, iif, answer, { router, stages });
  if (sideways !== null) return prefix([], sideways, notes);
  const tunnel = tunnelOf(netns, oif, router.nextHop);
  const uplink: Segment = {
    role: isTunnel(oif) ? 'tunnel' : 'uplink',
    netns: netns.ref.id,
    link: oif,
    router,
    stages,
    ...(tunnel ? { tunnel } : {}),
  };
  const chain = lowerChain(walk.topology, { netns, link: oif }, router.nextHop);
  const passed = [uplink, ...chain.segments];
  const isLast = netns.ref.id === 'host' || chain.end === null || routers >= MOST_ROUTERS;
  const rest: Trail =
    isLast || chain.end === null
      ? { ...END, segments: [outside(netns.ref.id)] }
      : leave(walk, chain.end, router.nextHop, routers + 1);
  const trail = prefix(passed, rest, [...notes, ...chain.notes]);
  return { ...trail, wanted: [...chain.wanted, ...rest.wanted] };
};

/** The one device that can lead outside, where a router has no route: up, with an address, and not where the packet came from. */
const onlyUplink = ({ links, addresses }: NetnsTopology, iif: LinkState, family: Family): string | null => {
  const candidates = links.filter(
    (link) =>
      isUp(link) &&
      link.ifindex !== iif.ifindex &&
      link.kind !== 'bridge' &&
      link.master === null &&
      !link.flags.includes('LOOPBACK') &&
      addresses.some((own) => own.ifname === link.ifname && own.family === family && own.scope === 'global'),
  );
  const [only, ...more] = candidates;
  return only !== undefined && more.length === 0 ? only.ifname : null;
};

const noWayNote = (netns: NetnsTopology, answer: RouteAnswer, destination: string): string =>
  answer.outcome === 'no-route'
    ? `${netns.ref.name} has no route to ${destination}`
    : `${netns.ref.name} routes ${destination} as ${answer.outcome}`;

const spreadNotes = (netns: NetnsTopology, answer: RouteAnswer): string[] => {
  if (answer.candidates.length < 2) return [];
  const devices = answer.candidates.map((hop) => hop.dev).join(', ');
  return [`${netns.ref.name}: the route spreads flows over ${devices}; the path shows ${answer.dev}`];
};

const noWayOn = (
  netns: NetnsTopology,
  answer: RouteAnswer,
  router: Omit<NonNullable<Segment['router']>, never>,
  destination: string,
  stages: Segment['stages'],
): Trail => {
  const note = noWayNote(netns, answer, destination);
  return {
    ...END,
    segments: [{ role: 'uplink', netns: netns.ref.id, link: null, note, router, stages }, outside(netns.ref.id)],
    notes: [note],
  };
};

/** The way down into another container, when the destination is on-link behind one of the router's own devices. */
const toContainer = (
  walk: Walk,
  { netns, link: oif }: Place,
  iif: LinkState,
  answer: RouteAnswer,
  routed: Pick<Segment, 'stages'> & { readonly router: NonNullable<Segment['router']> },
): Trail | null => {
  const { destination, family } = walk.request;
  if (answer.gateway !== null) return null;
  if (oif.kind === 'bridge') {
    const asker = { netns, dev: oif.ifname };
    const { member, wanted } = bridgeMember(walk.topology, netns, oif.ifname, destination, asker);
    if (wanted.length > 0) return { ...END, segments: [outside(netns.ref.id)], wanted };
    if (member === null) return null;
    const bridge: Segment = { role: 'bridge', netns: netns.ref.id, link: oif, ...routed };
    const isHairpin = oif.ifindex === iif.ifindex;
    const down = toPeer(netns, member.port, member.peer, isHairpin ? routed.stages : STAGES.outOfBridge);
    const [port, ...rest] = down.segments;
    if (!isHairpin || port === undefined) return prefix([bridge], down);
    return { ...down, segments: [{ ...port, router: routed.router }, ...rest] };
  }
  const isHostRoute = answer.route?.destination.endsWith(family === 4 ? '/32' : '/128') ?? false;
  if (oif.kind !== 'veth' || !isHostRoute) return null;
  const { place, wanted } = vethPeer(walk.topology, netns, oif);
  if (wanted.length > 0) return { ...END, segments: [outside(netns.ref.id)], wanted };
  if (place === null || addressType(place.netns, destination) !== 'local') return null;
  return {
    ...END,
    kind: 'lateral',
    segments: [
      { role: 'veth-host', netns: netns.ref.id, link: oif, ...routed },
      { role: 'peer', netns: place.netns.ref.id, link: place.link, stages: STAGES.veth },
      { role: 'service', netns: place.netns.ref.id, link: null, stages: STAGES.peerInput },
    ],
  };
};
