import type { NetnsState } from '../../src/model/state.js';
import type { AnyHook, Hook, HookPacket, HookWalk } from '../../src/netfilter/types.js';
import { askBridge } from '../../src/routing/bridge.js';
import type { WalkInput, WalkStep } from '../../src/routing/flow-walk-types.js';
import { frameSteps, type Passage } from '../../src/routing/frame-hooks.js';
import { replyTo } from '../../src/routing/probe-packet.js';
import { routingState } from '../../src/routing/state.js';
import { type BridgedWalk, walkBridged } from '../../src/routing/walk-bridged.js';
import { bridgeView } from '../../src/routing/walk-devices.js';
import { walkExchange } from '../../src/routing/walk-exchange.js';
import type { TestPacket } from './random-case.js';
import { arrivalText, bridgedPath, LENGTHS, MACS, namespaceAt, owns, PORTS } from './world.js';

/** What the walk says of one packet and its answer. */
export interface Prediction {
  readonly walks: readonly HookWalk<AnyHook>[];
  /** Lines of `arrivalText`. */
  readonly arrivals: readonly string[];
  /** Hooks that the host's own error messages walk too, so that their counters say nothing. */
  readonly spoiled: readonly Hook[];
  readonly undecided: string | null;
  readonly lost: string | null;
}

/** How far a list of steps gets. */
interface Progress {
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
  return { walks, stop: end === -1 ? null : (steps[end] ?? null) };
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
  const ended = (stop: WalkStep | null, why: string | null = null): Prediction => {
    const last = stop && isHook(stop.detail) ? stop.detail.walk : null;
    const open = stop?.outcome === 'unknown' || walks.some((walk) => walk.unknowns.length > 0);
    /** The host tells the sender of a better first hop, which nothing switches off for IPv6. */
    const redirects =
      packet.family === 6 && walks.some((walk) => walk.translations.some(({ kind }) => kind === 'dnat'));
    const reason = walks.flatMap((walk) => walk.unknowns)[0]?.because ?? stop?.detail.kind ?? 'unknown';
    return {
      walks,
      arrivals,
      spoiled: (stop !== null && spoils(stop)) || redirects ? ALL_HOOKS : [],
      undecided: why ?? (open ? reason : null),
      lost: stop === null ? null : (last?.decidedBy?.text ?? stop.detail.kind),
    };
  };
  const routing = routingState(state);
  if ('missing' in routing) return ended(null, 'routes');
  const view = bridgeView(state, 'br0');
  const crosses = (port: string | null, from: string | null, to: string): boolean =>
    view !== null &&
    ['up', 'port'].includes(askBridge(view, { port, source: from, destination: to, vlan: null }).outcome);

  const made = hookPacket(packet, state);
  const meets = (steps: readonly WalkStep[]): WalkStep | null => {
    const { walks: met, stop } = progressOf(steps);
    walks.push(...met);
    return stop;
  };
  const isOpen = (): boolean => walks.some((walk) => walk.unknowns.length > 0);
  const entry = meets(atPort(state, packet.sender, made));
  if (entry !== null || isOpen()) return ended(entry);
  if (packet.sender === 'ca') {
    const bridged = owns('cb', packet.destination);
    const there = bridged ? walkBridged(bridgedInput(state, packet, made), unplaced(made), 'forward', null) : null;
    if (there?.end !== 'routed' && !crosses('pa', MACS.ca, bridged ? MACS.cb : MACS.br0))
      return { ...ended(null), lost: 'bridge', spoiled: ['prerouting'] };
    if (there?.end === 'bridged')
      return predictBridged(state, there, packet, made, { walks, arrivals, ended, crosses, meets });
  }

  const { request, reply } = walkExchange(state, made, {
    answer: (sent) => throughBridge(state, sent, answerOf(sent)),
  });
  const stop = meets(takenUp(state, packet.sender, made, request.steps));
  if (stop !== null) return ended(stop);
  if (isOpen()) return ended(null);
  if (request.end === 'delivered') {
    if (packet.protocol === 'udp' || packet.sender === 'host') return ended(null);
    return finishReply(state, reply.steps, reply.packet, { walks, arrivals, ended, crosses, meets });
  }
  const place = namespaceAt(request.packet);
  const left = sentOut(state, place, request.packet, { ended, crosses, meets });
  if (left !== null) return left;
  if (place === null || isOpen()) return ended(null);
  arrivals.push(arrivalText(place, request.packet, packet.sourcePort));
  if (!owns(place, request.packet.destination))
    return request.packet.oif === made.iif || packet.family === 6
      ? { ...ended(null), spoiled: ALL_HOOKS }
      : ended(null);
  const answer = answerOf(request.packet);
  const back = meets(atPort(state, place, answer));
  if (back !== null || isOpen()) return ended(back);
  if (request.packet.oif === 'br0' && !crosses(PORTS[place as 'ca' | 'cb'], MACS[place as 'ca' | 'cb'], MACS.br0))
    return { ...ended(null), spoiled: ['prerouting'] };
  return finishReply(state, takenUp(state, place, answer, reply.steps), reply.packet, {
    walks,
    arrivals,
    ended,
    crosses,
    meets,
  });
};

interface Gathering {
  readonly walks: HookWalk<AnyHook>[];
  readonly arrivals: string[];
  readonly ended: (stop: WalkStep | null, why?: string | null) => Prediction;
  readonly crosses: (port: string | null, from: string | null, to: string) => boolean;
  /** Notes what the steps meet; the step that ends the way. */
  readonly meets: (steps: readonly WalkStep[]) => WalkStep | null;
}

const DEVICE = { netns: 'host', link: '', stage: 'tc', layer: 'netdev', iif: null, oif: null } as const;
const BRIDGE = { ...DEVICE, layer: 'bridge', bridgeIn: 'br0', bridgeOut: 'br0' } as const;
const UPLINKS: Readonly<Record<string, string>> = { inside: 'in0', outside0: 'out0', outside1: 'out1' };
const portAt = (place: string | null): 'pa' | 'pb' | null => (place === 'ca' ? 'pa' : place === 'cb' ? 'pb' : null);

const through = (
  state: NetnsState,
  passages: readonly Passage[],
  packet: HookPacket,
  macs: readonly [string | null, string | null],
): readonly WalkStep[] =>
  frameSteps({ states: { host: state } }, 'forward', passages, packet, { source: macs[0], destination: macs[1] });

const macsFrom = (place: string, { destination }: HookPacket): readonly [string | null, string | null] => {
  if (place !== 'ca' && place !== 'cb') return [null, null];
  const other = place === 'ca' ? 'cb' : 'ca';
  return [MACS[place], owns(other, destination) ? MACS[other] : MACS.br0];
};

/** Where a packet of a namespace comes in: the ingress of its device, and what the bridge asks first. */
const atPort = (state: NetnsState, place: string, packet: HookPacket): readonly WalkStep[] => {
  const port = portAt(place);
  const device = port ?? UPLINKS[place] ?? null;
  if (device === null) return [];
  const passages: Passage[] = [{ ...DEVICE, hook: 'ingress', iif: device }];
  if (port !== null) passages.push({ ...BRIDGE, bridgeOut: null, hook: 'prerouting', iif: port });
  return through(state, passages, packet, macsFrom(place, packet));
};

/** What a bridge takes up itself: with br_netfilter after PREROUTING of IP, without before it. */
const takenUp = (
  state: NetnsState,
  place: string,
  packet: HookPacket,
  steps: readonly WalkStep[],
): readonly WalkStep[] => {
  const port = portAt(place);
  if (port === null) return steps;
  const passages: readonly Passage[] = [
    { ...BRIDGE, bridgeOut: null, hook: 'input', iif: port },
    { ...DEVICE, hook: 'ingress', iif: 'br0' },
  ];
  const before = callsIptables(state, packet.family) ? 1 : 0;
  const [from] = macsFrom(place, packet);
  const reached = steps[before - 1]?.detail;
  const now = reached?.kind === 'hook' ? reached.walk.packet : packet;
  return [...steps.slice(0, before), ...through(state, passages, now, [from, MACS.br0]), ...steps.slice(before)];
};

/** Where a packet of the host leaves; `null` where it gets out. */
const sentOut = (
  state: NetnsState,
  place: string | null,
  packet: HookPacket,
  { ended, crosses, meets }: Pick<Gathering, 'ended' | 'crosses' | 'meets'>,
): Prediction | null => {
  const { oif } = packet;
  const port = portAt(place);
  const macs =
    oif === 'br0'
      ? ([MACS.br0, place === 'ca' || place === 'cb' ? MACS[place] : null] as const)
      : ([null, null] as const);
  const first = oif === null ? null : meets(through(state, [{ ...DEVICE, hook: 'egress', oif }], packet, macs));
  if (first !== null) return ended(first);
  if (oif !== 'br0' || port === null) return null;
  if (!crosses(null, MACS.br0, MACS[place as 'ca' | 'cb'])) return ended(null);
  const out: readonly Passage[] = [
    { ...BRIDGE, bridgeIn: null, hook: 'output', oif: port },
    { ...BRIDGE, bridgeIn: null, hook: 'postrouting', oif: port },
    { ...DEVICE, hook: 'egress', oif: port },
  ];
  const stop = meets(through(state, out, packet, macs));
  return stop === null ? null : ended(stop);
};

/** From port to port: the rules of the bridge, then those of IP, at each hook after PREROUTING. */
const acrossBridge = (
  state: NetnsState,
  from: 'ca' | 'cb',
  packet: HookPacket,
  steps: readonly WalkStep[],
): readonly WalkStep[] => {
  const [iif, to] = [PORTS[from], from === 'ca' ? 'cb' : 'ca'] as const;
  const oif = PORTS[to];
  const macs = [MACS[from], MACS[to]] as const;
  const [pre, forward, post] = steps;
  const after = (step: WalkStep | undefined, before: HookPacket) =>
    step?.detail.kind === 'hook' ? step.detail.walk.packet : before;
  const [second, third] = [after(pre, packet), after(forward, packet)];
  const last = after(post, packet);
  return [
    ...(pre ? [pre] : []),
    ...through(state, [{ ...BRIDGE, hook: 'forward', iif, oif }], second, macs),
    ...(forward ? [forward] : []),
    ...through(state, [{ ...BRIDGE, bridgeIn: null, hook: 'postrouting', oif }], third, macs),
    ...(post ? [post] : []),
    ...through(state, [{ ...DEVICE, hook: 'egress', oif }], last, macs),
  ];
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

const bridgedInput = (state: NetnsState, packet: TestPacket, { length }: HookPacket): WalkInput => ({
  ...bridgedPath(state, packet),
  replyDevice: null,
  length,
});

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
  const forth = meets(acrossBridge(state, 'ca', unplaced(made), there.steps));
  if (forth !== null || isOpen()) return ended(forth);
  arrivals.push(arrivalText('cb', there.packet, packet.sourcePort));
  if (there.packet.source !== packet.source) return ended(null, 'bridged SNAT');
  const entry = meets(atPort(state, 'cb', answerOf(there.packet)));
  if (entry !== null || isOpen()) return ended(entry);
  if (!crosses('pb', MACS.cb, MACS.ca)) return { ...ended(null), spoiled: ['prerouting'] };
  const answer = answerOf(there.packet);
  const back = walkBridged(input, answer, 'return', there.connection);
  if (back.end === 'routed') {
    const taken = meets(takenUp(state, 'cb', answer, back.steps));
    if (taken !== null || isOpen()) return ended(taken);
    if (back.packet.oif === null || back.packet.oif === 'lo') return { ...ended(null), spoiled: ALL_HOOKS };
    const place = namespaceAt(back.packet);
    const left = sentOut(state, place, back.packet, { ended, crosses, meets });
    if (left !== null) return left;
    if (place !== null) arrivals.push(arrivalText(place, back.packet, 0));
    return { ...ended(null), spoiled: ALL_HOOKS };
  }
  const home = meets(acrossBridge(state, 'cb', answer, back.steps));
  if (home !== null || isOpen()) return ended(home);
  arrivals.push(arrivalText('ca', back.packet, 0));
  return ended(null);
};

/** The other end refuses TCP, echoes datagrams, and answers echo requests. */
const answerOf = (request: HookPacket): HookPacket => {
  const reply = replyTo(request);
  if (request.protocol !== 'tcp') return reply;
  return { ...reply, tcpFlags: ['RST', 'ACK'], length: request.family === 4 ? 40 : 60 };
};

/** With br_netfilter what comes in by the bridge still knows its port. */
const throughBridge = (state: NetnsState, { oif, family, destination }: HookPacket, reply: HookPacket): HookPacket => {
  const place = owns('ca', destination) ? 'ca' : 'cb';
  return oif === 'br0' && callsIptables(state, family) ? { ...reply, physIn: PORTS[place] } : reply;
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
    tcpFlags: packet.protocol === 'tcp' ? ['SYN'] : [],
    iif: { inside: 'in0', ca: 'br0', host: null }[packet.sender],
    oif: null,
    physIn: packet.sender === 'ca' && isCalled ? 'pa' : null,
    physOut: null,
    mark: 0,
    connection: 'new',
    connectionDirection: 'original',
    connectionStatus: [],
    length: LENGTHS[packet.protocol] + (packet.family === 6 ? 20 : 0),
    ttl: 64,
    macSource: null,
  };
};
