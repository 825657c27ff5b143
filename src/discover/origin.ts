import type { LinkState } from '../model/state.js';
import { lookupRoute, mendRoute, primaryAddress } from '../routing/index.js';
import type { RouteAnswer } from '../routing/types.js';
import { type LowerChain, lowerChain } from './lower-chain.js';
import { macvlanSibling } from './macvlan-sibling.js';
import { type Segment, STAGES } from './segments.js';
import {
  type FlowRequest,
  isUp,
  linkByName,
  type NetnsTopology,
  netnsById,
  type Place,
  type Topology,
} from './topology.js';
import { userSpaceNetwork } from './user-space.js';
import { leave, outside, type Trail, type Walk } from './walk.js';

/** Follows a packet from its socket in the container. */
export const walkFromSocket = (
  topology: Topology,
  request: FlowRequest,
): Trail & { readonly source: string | null } => {
  const target = netnsById(topology, 'target');
  const { family, destination, protocol, mark } = request;
  const query = { family, destination, protocol, mark, source: request.source, iif: null };
  const answer = lookupRoute(target, query);
  const onward = answer.outcome === 'unicast' ? answer : (mendRoute(target, query, null)?.answer ?? answer);
  const socket: Segment = { role: 'socket', netns: 'target', link: null, stages: [] };
  if (answer.outcome === 'local')
    return { ...toItself(target, socket), source: request.source ?? answer.preferredSource };
  const device = onward.outcome === 'unicast' ? linkByName(target, onward.dev) : null;
  const shown = device ?? likelyDevice(target, request);
  const notes = device === null || onward !== answer ? [noteOn(answer, request, shown)] : [];
  const container: Segment = {
    role: 'container',
    netns: 'target',
    link: shown,
    stages: STAGES.origin,
    ...(shown === null ? { note: 'no interface but lo' } : {}),
  };
  const address = shown === null ? null : primaryAddress(target, shown.ifname, family);
  const source = request.source ?? onward.preferredSource ?? address;
  const walk = { topology, request, source };
  const nextHop = device === null ? null : (onward.gateway ?? destination);
  const rest = shown === null ? withoutDevice(walk) : fromDevice(walk, target, shown, nextHop);
  return { ...rest, segments: [socket, container, ...rest.segments], notes: [...notes, ...rest.notes], source };
};

const toItself = (target: NetnsTopology, socket: Segment): Trail => ({
  kind: 'local',
  notes: [],
  wanted: [],
  segments: [
    socket,
    { role: 'container', netns: 'target', link: linkByName(target, 'lo'), stages: ['route', 'output', 'postrouting'] },
    { role: 'service', netns: 'target', link: null, stages: ['prerouting', 'input', 'socket'] },
  ],
});

/** The device that a container without a route would use: one that is up and has an address before any other. */
const likelyDevice = (target: NetnsTopology, request: FlowRequest): LinkState | null => {
  const rank = (link: LinkState): number =>
    Number(target.addresses.some((own) => own.ifname === link.ifname && own.family === request.family)) * 2 +
    Number(isUp(link));
  const devices = target.links.filter((link) => !link.flags.includes('LOOPBACK') && link.kind !== 'sit');
  return devices.toSorted((one, other) => rank(other) - rank(one))[0] ?? null;
};

const noteOn = (answer: RouteAnswer, request: FlowRequest, shown: LinkState | null): string => {
  if (shown === null) return 'the container has no interface but lo';
  return answer.outcome === 'no-route'
    ? `the container has no route to ${request.destination}; the path shows the way of ${shown.ifname}`
    : `the container routes ${request.destination} as ${answer.outcome}; the path shows the way of ${shown.ifname}`;
};

const fromDevice = (walk: Walk, target: NetnsTopology, device: LinkState, nextHop: string | null): Trail => {
  if (userSpaceNetwork(target) !== null)
    return { kind: 'egress', notes: [], wanted: [], segments: [outside('target')] };
  const chain = lowerChain(walk.topology, { netns: target, link: device }, nextHop);
  const last = chain.end;
  const beside = device.kind === 'macvlan' && last !== null && nextHop === walk.request.destination;
  const sibling = beside ? macvlanSibling(walk.topology, last, nextHop) : null;
  if (sibling?.place) return toSibling(chain, sibling.place);
  const rest: Trail =
    last === null || last.netns !== target
      ? { kind: 'egress', notes: [], wanted: [], segments: [outside(last?.netns.ref.id ?? 'host')] }
      : leave(walk, last, nextHop);
  return {
    ...rest,
    segments: [...chain.segments, ...rest.segments],
    notes: [...chain.notes, ...rest.notes],
    wanted: [...chain.wanted, ...rest.wanted, ...(sibling?.wanted ?? [])],
  };
};

/** Over the lower device of both, whose captures see what passes between them. */
const toSibling = ({ segments, notes }: LowerChain, { netns, link }: Place): Trail => ({
  kind: 'lateral',
  notes,
  wanted: [],
  segments: [
    ...segments,
    { role: 'peer', netns: netns.ref.id, link, stages: STAGES.lower },
    { role: 'service', netns: netns.ref.id, link: null, stages: STAGES.peerInput },
  ],
});

/** What can still be known without a device: the uplink that the host itself would use. */
const withoutDevice = ({ topology, request }: Walk): Trail => {
  const host = netnsById(topology, 'host');
  const { family, destination } = request;
  const answer = lookupRoute(host, { family, destination, source: null, iif: null, mark: 0 });
  const link = answer.outcome === 'unicast' ? linkByName(host, answer.dev) : null;
  const uplink: Segment = {
    role: 'uplink',
    netns: 'host',
    link,
    stages: ['veth', ...STAGES.router],
    ...(link === null ? { note: `host has no route to ${destination}` } : {}),
  };
  return { kind: 'egress', notes: [], wanted: [], segments: [uplink, outside('host')] };
};
