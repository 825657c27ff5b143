import type { NetnsState } from '../../src/model/state.js';
import type { AnyHook, Hook, HookPacket, HookWalk } from '../../src/netfilter/types.js';
import { askBridge } from '../../src/routing/bridge.js';
import { connectionOf } from '../../src/routing/connection.js';
import type { WalkInput, WalkStep } from '../../src/routing/flow-walk-types.js';
import { type Entry, enterStack } from '../../src/routing/frame-entry.js';
import { passFrames } from '../../src/routing/frame-hooks.js';
import { atDevice } from '../../src/routing/frame-passages.js';
import { wayIn, wayOut } from '../../src/routing/frame-way.js';
import { replyTo } from '../../src/routing/probe-packet.js';
import { routingState } from '../../src/routing/state.js';
import { type BridgedWalk, walkBridged } from '../../src/routing/walk-bridged.js';
import { bridgeView } from '../../src/routing/walk-devices.js';
import { walkReceived, walkSent } from '../../src/routing/walk-packet.js';
import type { TestPacket } from './random-case.js';
import { walkRedirect } from './redirect.js';
import {
  arrivalText,
  BARE_TCP,
  bridgedPath,
  containerPath,
  LENGTHS,
  MACS,
  type Namespace,
  namespaceAt,
  owns,
  PORTS,
  statesOf,
} from './world.js';

/** What the walk says of one packet and its answer. */
export interface Prediction {
  readonly walks: readonly HookWalk<AnyHook>[];
  /** Of packets that the host may have sent or not. */
  readonly possible: readonly HookWalk<AnyHook>[];
  /** Lines of `arrivalText`. */
  readonly arrivals: readonly string[];
  /** Hooks that the host's own error messages walk too, so that their counters say nothing. */
  readonly spoiled: readonly Hook[];
  readonly undecided: string | null;
  readonly lost: string | null;
}

/** How far a list of steps gets. */
interface Progress {
  readonly taken: readonly WalkStep[];
  readonly walks: readonly HookWalk<AnyHook>[];
  readonly stop: WalkStep | null;
}

type HookDetail = Extract<WalkStep['detail'], { kind: 'hook' | 'frame' }>;
const isHook = (detail: WalkStep['detail']): detail is HookDetail => detail.kind === 'hook' || detail.kind === 'frame';

const progressOf = (steps: readonly WalkStep[]): Progress => {
  const end = steps.findIndex(
    ({ outcome, detail }) => outcome !== 'pass' || (isHook(detail) && detail.walk.unknowns.length > 0),
  );
  const after = steps[end + 1]?.detail;
  const stranded = after?.kind === 'hook' && after.walk.stranded === true ? 1 : 0;
  const taken = end === -1 ? steps : steps.slice(0, end + 1 + stranded);
  const walks = taken.flatMap(({ detail }) => (isHook(detail) ? [detail.walk] : []));
  return { taken, walks, stop: end === -1 ? null : (steps[end] ?? null) };
};

const SENDS_ERRORS = new Set(['unreachable', 'prohibit', 'no-route']);

/** An error that the host answers with walks its own OUTPUT, and as it may come back to itself every other hook. */
const spoils = ({ outcome, detail }: WalkStep): boolean =>
  outcome === 'reject' || (detail.kind === 'route' && SENDS_ERRORS.has(detail.answer.outcome));

const ALL_HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Walks a packet of the world and the answer to it through the state. */
export const predict = (state: NetnsState, packet: TestPacket): Prediction => {
  const walks: HookWalk<AnyHook>[] = [];
  const arrivals: string[] = [];
  const possible: HookWalk<AnyHook>[] = [];
  let isRedirectOpen = false;
  const ended = (stop: WalkStep | null): Prediction => {
    const last = stop && isHook(stop.detail) ? stop.detail.walk : null;
    const open = stop?.outcome === 'unknown' || walks.some((walk) => walk.unknowns.length > 0);
    const reason = walks.flatMap((walk) => walk.unknowns)[0]?.because ?? stop?.detail.kind ?? 'unknown';
    return {
      walks,
      possible,
      arrivals,
      spoiled: stop !== null && spoils(stop) ? ALL_HOOKS : isRedirectOpen ? ['output', 'postrouting'] : [],
      undecided: open ? reason : null,
      lost: stop === null ? null : (last?.decidedBy?.text ?? stop.detail.kind),
    };
  };
  const routing = routingState(state);
  if ('missing' in routing) throw new Error('the routes were not read');
  const view = bridgeView(state, 'br0');
  const crosses = (port: string | null, from: string | null, to: string): boolean =>
    view !== null &&
    ['up', 'port'].includes(askBridge(view, { port, source: from, destination: to, vlan: null }).outcome);

  const made = hookPacket(packet, state);
  const meetsPossibly = (steps: readonly WalkStep[]): WalkStep | null => {
    const { walks: met, stop } = progressOf(steps);
    possible.push(...met);
    isRedirectOpen ||= met.some((walk) => walk.unknowns.length > 0);
    return stop;
  };
  const meets = (steps: readonly WalkStep[]): WalkStep | null => {
    const { taken, walks: met, stop } = progressOf(steps);
    walks.push(...met);
    const redirect = walkRedirect({ ...PLACE, way: 'return' }, state, taken);
    if (redirect === null) return stop;
    isRedirectOpen ||= redirect.isRerouted;
    if (meetsPossibly(redirect.steps) === null)
      sentOut(state, namespaceAt(redirect.packet), redirect.packet, { ended, crosses, meets: meetsPossibly });
    return stop;
  };
  const gathering: Gathering = { walks, arrivals, ended, crosses, meets };
  const isOpen = (): boolean => walks.some((walk) => walk.unknowns.length > 0);
  if (packet.sender === 'ca') {
    const bridged = owns('cb', packet.destination);
    const there = bridged ? walkBridged(bridgedInput(state, packet, made), unplaced(made), 'forward', null) : null;
    if (there?.end === 'bridged') return predictBridged(state, there, packet, made, gathering);
    if (there === null && !crosses('pa', MACS.ca, MACS.br0)) return refused(state, 'ca', made, gathering);
  }
  const entry = entryOf(state, packet.sender, made);
  const barred = meets(entry.steps);
  if (barred !== null || isOpen()) return ended(barred);
  const walkRequest = made.iif === null ? walkSent : walkReceived;
  const request = walkRequest({
    place: { ...PLACE, way: 'forward' },
    state,
    packet: entry.packet,
    connection: null,
    within: entry.within,
  });
  const stop = meets(request.steps);
  if (stop !== null) return ended(stop);
  if (isOpen()) return ended(null);
  const connection = connectionOf(request.entered, request.packet);
  const answering = { place: { ...PLACE, way: 'return' }, state, connection, fallbackDevice: made.iif } as const;
  if (request.end === 'delivered') {
    if (packet.protocol === 'udp') return ended(null);
    const sent = walkSent({ ...answering, packet: { ...answerOf(request.packet), iif: null } });
    return finishReply(state, sent.steps, sent.packet, gathering);
  }
  const place = namespaceAt(request.packet);
  const left = sentOut(state, place, request.packet, gathering);
  if (left !== null) return left;
  if (place === null || isOpen()) return ended(null);
  arrivals.push(arrivalText(place, request.packet, packet.sourcePort));
  if (!owns(place, request.packet.destination))
    return request.packet.oif === made.iif || packet.family === 6
      ? { ...ended(null), spoiled: ALL_HOOKS }
      : ended(null);
  const answer = answerOf(request.packet);
  if (request.packet.oif === 'br0' && !crosses(PORTS[place as 'ca' | 'cb'], MACS[place as 'ca' | 'cb'], MACS.br0))
    return refused(state, place, answer, gathering);
  const return_ = entryOf(state, place, answer);
  const back = meets(return_.steps);
  if (back !== null || isOpen()) return ended(back);
  const physIn = callsIptables(state, packet.family) ? portAt(place) : null;
  const reply = walkReceived({
    ...answering,
    packet: { ...return_.packet, iif: request.packet.oif, physIn },
    within: return_.within,
  });
  return finishReply(state, reply.steps, reply.packet, gathering);
};

/** A frame that the bridge refuses has met what stands before its decision. */
const refused = (
  state: NetnsState,
  place: Namespace,
  packet: HookPacket,
  { ended, meets, walks }: Gathering,
): Prediction => {
  const { steps } = entryOf(state, place, packet);
  const stop = meets(steps);
  if (stop !== null || walks.some((walk) => walk.unknowns.length > 0)) return ended(stop);
  return { ...ended(null), lost: 'bridge', spoiled: ['prerouting'] };
};

interface Gathering {
  readonly walks: HookWalk<AnyHook>[];
  readonly arrivals: string[];
  readonly ended: (stop: WalkStep | null) => Prediction;
  readonly crosses: (port: string | null, from: string | null, to: string) => boolean;
  /** Notes what the steps meet; the step that ends the way. */
  readonly meets: (steps: readonly WalkStep[]) => WalkStep | null;
}

const PLACE = { netns: 'host', link: 'h0-h1' } as const;
const UPLINKS: Readonly<Record<string, string>> = { inside: 'in0', outside0: 'out0', outside1: 'out1' };
const portAt = (place: string | null): 'pa' | 'pb' | null => (place === 'ca' ? 'pa' : place === 'cb' ? 'pb' : null);

/** A packet of a namespace on its way to the host's IP stack. */
const entryOf = (state: NetnsState, place: string, packet: HookPacket): Entry => {
  const at = { way: 'forward', netns: 'host', iif: portAt(place) === null ? null : 'br0' } as const;
  if (place !== 'ca' && place !== 'cb')
    return enterStack({ states: { host: state } }, at, atDevice(PLACE, 'ingress', UPLINKS[place] ?? null), packet, {
      source: null,
      destination: null,
    });
  const { path, router } = containerPath(place);
  const input = { path, states: statesOf(state, place) };
  const other = place === 'ca' ? 'cb' : 'ca';
  const destination = owns(other, packet.destination) ? MACS[other] : MACS.br0;
  return enterStack(input, at, wayOut(input, router), packet, { source: MACS[place], destination });
};

const passagesTo = (place: 'ca' | 'cb', states: WalkInput['states']) => {
  const { path, router } = containerPath(place);
  return wayIn({ path, states }, router);
};

/** Where a packet of the host leaves; `null` where it gets out. */
const sentOut = (
  state: NetnsState,
  place: string | null,
  packet: HookPacket,
  { ended, crosses, meets }: Pick<Gathering, 'ended' | 'crosses' | 'meets'>,
): Prediction | null => {
  const { oif } = packet;
  const isContainer = place === 'ca' || place === 'cb';
  const headers =
    oif === 'br0'
      ? { source: MACS.br0, destination: isContainer ? MACS[place] : null }
      : { source: null, destination: null };
  const states = isContainer ? statesOf(state, place) : { host: state };
  const passages = isContainer && oif === 'br0' ? passagesTo(place, states) : atDevice(PLACE, 'egress', oif);
  const way = { way: 'forward', to: 'host' } as const;
  const atStack = passFrames({ states }, way, passages.slice(0, 1), packet, headers);
  const first = meets(atStack.steps);
  if (first !== null) return ended(first);
  if (passages.length === 1 || !isContainer) return null;
  if (!crosses(null, MACS.br0, MACS[place])) return ended(null);
  const stop = meets(passFrames({ states }, way, passages.slice(1), atStack.packet, headers).steps);
  return stop === null ? null : ended(stop);
};

const finishReply = (
  state: NetnsState,
  steps: readonly WalkStep[],
  packet: HookPacket,
  { walks, arrivals, ended, crosses, meets }: Gathering,
): Prediction => {
  const stop = meets(steps);
  if (stop !== null) return ended(stop);
  if (walks.some((walk) => walk.unknowns.length > 0)) return ended(null);
  if (packet.oif === null) return packet.protocol === 'udp' ? { ...ended(null), spoiled: ALL_HOOKS } : ended(null);
  const place = namespaceAt(packet);
  const left = sentOut(state, place, packet, { ended, crosses, meets });
  if (left !== null) return left;
  if (place === null || walks.some((walk) => walk.unknowns.length > 0)) return ended(null);
  arrivals.push(arrivalText(place, packet, 0));
  return ended(null);
};

const bridgedInput = (state: NetnsState, packet: TestPacket, { length }: HookPacket): WalkInput => {
  const { path, flow } = bridgedPath(packet);
  const states = { ...statesOf(state, 'ca'), ns1: statesOf(state, 'cb')['target'] as NetnsState };
  return { path, flow, states, replyDevice: null, replyMac: null, length };
};

const unplaced = (packet: HookPacket): HookPacket => ({ ...packet, iif: null, physIn: null });

const predictBridged = (
  state: NetnsState,
  there: BridgedWalk,
  packet: TestPacket,
  made: HookPacket,
  { walks, arrivals, ended, crosses, meets }: Gathering,
): Prediction => {
  const isOpen = (): boolean => walks.some((walk) => walk.unknowns.length > 0);
  const input = bridgedInput(state, packet, made);
  const forth = meetsAcross(there.steps, () => crosses('pa', MACS.ca, MACS.cb), meets, isOpen);
  if (forth === 'refused') return { ...ended(null), lost: 'bridge', spoiled: ['prerouting'] };
  if (forth !== null || isOpen()) return ended(forth);
  arrivals.push(arrivalText('cb', there.packet, packet.sourcePort));
  const answer = answerOf(there.packet);
  const back = walkBridged(input, answer, 'return', there.connection);
  if (back.end === 'routed') {
    const taken = meets(back.steps);
    if (taken !== null || isOpen()) return ended(taken);
    if (back.packet.oif === null || back.packet.oif === 'lo') return { ...ended(null), spoiled: ALL_HOOKS };
    const place = namespaceAt(back.packet);
    if (place !== null) arrivals.push(arrivalText(place, back.packet, 0));
    return { ...ended(null), spoiled: ALL_HOOKS };
  }
  const home = meetsAcross(back.steps, () => crosses('pb', MACS.cb, MACS.ca), meets, isOpen);
  if (home === 'refused') return { ...ended(null), spoiled: ['prerouting'] };
  if (home !== null || isOpen()) return ended(home);
  arrivals.push(arrivalText('ca', back.packet, 0));
  return ended(null);
};

const BEYOND: ReadonlySet<AnyHook> = new Set(['forward', 'postrouting', 'egress']);

/** From port to port: the bridge decides after PREROUTING, its own and that of IP. */
const meetsAcross = (
  steps: readonly WalkStep[],
  crosses: () => boolean,
  meets: Gathering['meets'],
  isOpen: () => boolean,
): WalkStep | 'refused' | null => {
  const at = steps.findIndex(({ detail }) => isHook(detail) && BEYOND.has(detail.walk.hook));
  const before = at === -1 ? steps : steps.slice(0, at);
  const stop = meets(before);
  if (stop !== null || isOpen()) return stop;
  return crosses() ? meets(steps.slice(before.length)) : 'refused';
};

/** The other end refuses TCP, with an acknowledgement of what acknowledges nothing itself, echoes datagrams, and answers echo requests. */
const answerOf = (request: HookPacket): HookPacket => {
  const reply = replyTo(request);
  if (request.protocol !== 'tcp') return reply;
  return {
    ...reply,
    tcpFlags: request.tcpFlags.includes('ACK') ? ['RST'] : ['RST', 'ACK'],
    length: request.family === 4 ? 40 : 60,
  };
};

const callsIptables = ({ sysctls }: NetnsState, family: 4 | 6): boolean =>
  sysctls.ok && sysctls.value[`net.bridge.bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`] === '1';

const hookPacket = (packet: TestPacket, state: NetnsState): HookPacket => {
  const isIcmp = packet.protocol === 'icmp';
  const isCalled = callsIptables(state, packet.family);
  return {
    family: packet.family,
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    sourcePort: isIcmp ? null : packet.sourcePort,
    destinationPort: isIcmp ? null : packet.destinationPort,
    icmp: isIcmp ? { type: packet.family === 4 ? 8 : 128, code: 0 } : null,
    tcpFlags: packet.protocol !== 'tcp' ? [] : packet.isUnasked ? ['SYN', 'ACK'] : ['SYN'],
    iif: { inside: 'in0', ca: 'br0', host: null }[packet.sender],
    oif: null,
    physIn: packet.sender === 'ca' && isCalled ? 'pa' : null,
    physOut: null,
    mark: 0,
    connection: 'new',
    connectionDirection: 'original',
    connectionStatus: [],
    length: (packet.isUnasked ? BARE_TCP : LENGTHS[packet.protocol]) + (packet.family === 6 ? 20 : 0),
    ttl: 64,
    macSource: null,
  };
};
