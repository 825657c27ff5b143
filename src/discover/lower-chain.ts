import type { Hop } from '../model/path.js';
import type { LinkState } from '../model/state.js';
import { lookupRoute, neighbourOf } from '../routing/index.js';
import { outerPort } from './bridge-member.js';
import { lowerEnd } from './other-end.js';
import { type Segment, STAGES } from './segments.js';
import { isUp, linkByName, type NetnsTopology, type Place, type Topology, type Wanted } from './topology.js';

export interface LowerChain {
  readonly segments: readonly Segment[];
  /** The device by which the frame leaves its namespace in the end; `null` when it could not be followed. */
  readonly end: Place | null;
  readonly notes: readonly string[];
  readonly wanted: readonly Wanted[];
}

const TUNNELS: ReadonlySet<string> = new Set([
  'vxlan',
  'geneve',
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'ipip',
  'ip6tnl',
  'sit',
  'vti',
  'vti6',
  'wireguard',
  'tun',
  'xfrm',
]);

export const isTunnel = (link: LinkState): boolean => link.kind !== null && TUNNELS.has(link.kind);

const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

const DEEPEST = 8;

/**
 * The devices below one, down to the one whose frames leave the namespace: vlan, macvlan, bond, a bridge's outer port, and
 * below a tunnel the device that its outer packets are routed to.
 */
export const lowerChain = (topology: Topology, start: Place, nextHop: string | null, depth = 0): LowerChain => {
  const step = depth < DEEPEST ? below(topology, start, nextHop) : null;
  if (step === null) return { segments: [], end: start, notes: [], wanted: [] };
  if (step.place === null) return { segments: step.instead, end: null, notes: step.notes, wanted: step.wanted };
  const rest = lowerChain(topology, step.place, step.nextHop, depth + 1);
  const segments = [toSegment(start, step), ...rest.segments];
  return {
    segments: isTunnel(start.link) ? segments.map((one) => ({ ...one, inside: insideOf(start.link, step) })) : segments,
    end: rest.end,
    notes: [...step.notes, ...rest.notes],
    wanted: [...step.wanted, ...rest.wanted],
  };
};

/** What a packet is inside of below a tunnel: of VXLAN alone the frames are looked into. */
const insideOf = ({ kind, data }: LinkState, { nextHop }: Step): Segment['inside'] =>
  kind === 'vxlan' && typeof data['port'] === 'number'
    ? { kind, port: data['port'], outerFamily: nextHop?.includes(':') ? 6 : 4 }
    : null;

interface Step {
  readonly place: Place | null;
  readonly nextHop: string | null;
  readonly role: 'lower' | 'uplink';
  readonly stages: Segment['stages'];
  readonly notes: readonly string[];
  readonly wanted: readonly Wanted[];
  /** Hops that stand for what could not be followed. */
  readonly instead: readonly Segment[];
}

const STEP: Step = {
  place: null,
  nextHop: null,
  role: 'lower',
  stages: STAGES.lower,
  notes: [],
  wanted: [],
  instead: [],
};

const toSegment = (start: Place, step: Step): Segment => {
  const { netns, link } = step.place ?? start;
  return { role: step.role, netns: netns.ref.id, link, stages: step.stages };
};

/** `null` when the device stands on no other. */
const below = (topology: Topology, { netns, link }: Place, nextHop: string | null): Step | null => {
  if (link.kind === null) return null;
  if (STACKED.has(link.kind)) return belowStacked(topology, netns, link, nextHop);
  if (link.kind === 'bond' || link.kind === 'team') return belowBond(netns, link, nextHop);
  if (link.kind === 'bridge') {
    const port = outerPort(netns, link.ifname, nextHop ?? '', { netns, dev: link.ifname });
    return port === null
      ? { ...STEP, notes: [`${link.ifname}: no port is known to lead to ${nextHop}`] }
      : { ...STEP, place: { netns, link: port }, nextHop, stages: [...STAGES.outOfBridge, ...STAGES.lower] };
  }
  return TUNNELS.has(link.kind) ? belowTunnel(netns, link, nextHop) : null;
};

const belowStacked = (topology: Topology, netns: NetnsTopology, link: LinkState, nextHop: string | null): Step => {
  const { place, wanted } = lowerEnd(topology, netns, link);
  const role = place !== null && place.netns !== netns ? 'uplink' : 'lower';
  const notes = place === null ? [`${link.ifname}: its lower device lies in a namespace that is not known`] : [];
  return { ...STEP, place, nextHop, role, notes, wanted };
};

const belowBond = (netns: NetnsTopology, link: LinkState, nextHop: string | null): Step => {
  const members = netns.links.filter((other) => other.master === link.ifname);
  const active = linkByName(netns, typeof link.data['active_slave'] === 'string' ? link.data['active_slave'] : null);
  const working = members.filter(isUp);
  const chosen = active ?? working[0] ?? members[0];
  if (chosen === undefined) return { ...STEP, notes: [`${link.ifname} has no member`] };
  const spreads = active === null && working.length > 1;
  const names = working.map((member) => member.ifname).join(', ');
  const notes = spreads ? [`${link.ifname} spreads flows over ${names}; only ${chosen.ifname} is watched`] : [];
  return { ...STEP, place: { netns, link: chosen }, nextHop, notes };
};

const OUTER_STAGES = STAGES.origin;

/** The outer packet is a locally made one: the host's rules and routes choose its device. */
const belowTunnel = (netns: NetnsTopology, link: LinkState, nextHop: string | null): Step => {
  const remote = tunnelRemote(netns, link, nextHop);
  const local = typeof link.data['local'] === 'string' && link.data['local'] !== 'any' ? link.data['local'] : null;
  const family = remote?.includes(':') ? 6 : 4;
  const outer =
    remote === null
      ? null
      : lookupRoute(netns, { family, destination: remote, source: local, iif: null, mark: 0, protocol: 'udp' });
  const under = linkByName(netns, outer?.outcome === 'unicast' ? outer.dev : link.lower);
  if (under !== null && under.ifname !== link.ifname) {
    const outerHop = outer?.gateway ?? remote;
    return { ...STEP, place: { netns, link: under }, nextHop: outerHop, role: 'uplink', stages: OUTER_STAGES };
  }
  const note =
    remote === null
      ? `${link.ifname}: the other end of the tunnel is not known`
      : under === null
        ? `${link.ifname}: no route to the other end ${remote}`
        : `${link.ifname}: the route to the other end ${remote} leads into it`;
  return {
    ...STEP,
    notes: [note],
    instead: [{ role: 'uplink', netns: netns.ref.id, link: null, note, stages: OUTER_STAGES }],
  };
};

/**
 * What a VXLAN device knows of the other end; `null` for other devices, and where the forwarding database was not read: one
 * that was has entries, of every NIC's multicast groups.
 */
export const tunnelOf = (netns: NetnsTopology, link: LinkState, nextHop: string | null): Hop['tunnel'] | null =>
  link.kind === 'vxlan' && netns.fdb.length > 0 ? { remote: tunnelRemote(netns, link, nextHop) } : null;

/** A vxlan with many ends has them in its forwarding database, by the next hop's MAC; all zeros is the default. */
const tunnelRemote = (netns: NetnsTopology, link: LinkState, nextHop: string | null): string | null => {
  const mac = nextHop === null ? null : (neighbourOf(netns, link.ifname, nextHop)?.lladdr ?? null);
  const ends = netns.fdb.filter((entry) => entry.ifname === link.ifname && entry.dst !== null);
  const known = ends.find((entry) => entry.mac === mac) ?? ends.find((entry) => entry.mac === '00:00:00:00:00:00');
  const fixed = [link.data['remote'], link.data['remote6'], link.data['group']].find((end) => typeof end === 'string');
  return known?.dst ?? (typeof fixed === 'string' && fixed !== 'any' ? fixed : null);
};
