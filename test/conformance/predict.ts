import type { NetnsState } from '../../src/model/state.js';
import type { Hook, HookPacket, HookWalk } from '../../src/netfilter/types.js';
import { askBridge } from '../../src/routing/bridge.js';
import type { WalkInput, WalkStep } from '../../src/routing/flow-walk-types.js';
import { replyTo } from '../../src/routing/probe-packet.js';
import { routingState } from '../../src/routing/state.js';
import { type BridgedWalk, walkBridged } from '../../src/routing/walk-bridged.js';
import { bridgeView } from '../../src/routing/walk-devices.js';
import { walkExchange } from '../../src/routing/walk-exchange.js';
import type { TestPacket } from './random-case.js';
import { arrivalText, bridgedPath, LENGTHS, MACS, namespaceAt, owns, PORTS } from './world.js';

/** What the walk says of one packet and its answer. */
export interface Prediction {
  readonly walks: readonly HookWalk[];
  /** Lines of `arrivalText`. */
  readonly arrivals: readonly string[];
  /** Hooks that the host's own error messages walk too, so that their counters say nothing. */
  readonly spoiled: readonly Hook[];
  readonly undecided: string | null;
  readonly lost: string | null;
}

/** How far a list of steps gets. */
interface Progress {
  readonly walks: readonly HookWalk[];
  readonly stop: WalkStep | null;
}

const progressOf = (steps: readonly WalkStep[]): Progress => {
  const end = steps.findIndex(
    ({ outcome, detail }) => outcome !== 'pass' || (detail.kind === 'hook' && detail.walk.unknowns.length > 0),
  );
  const after = steps[end + 1]?.detail;
  const stranded = after?.kind === 'hook' && after.walk.stranded === true ? 1 : 0;
  const taken = end === -1 ? steps : steps.slice(0, end + 1 + stranded);
  const walks = taken.flatMap(({ detail }) => (detail.kind === 'hook' ? [detail.walk] : []));
  return { walks, stop: end === -1 ? null : (steps[end] ?? null) };
};

const SENDS_ERRORS = new Set(['unreachable', 'prohibit', 'no-route']);

/** An error that the host answers with walks its own OUTPUT, and as it may come back to itself every other hook. */
const spoils = ({ outcome, detail }: WalkStep): boolean =>
  outcome === 'reject' || (detail.kind === 'route' && SENDS_ERRORS.has(detail.answer.outcome));

const ALL_HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Walks a packet of the world and the answer to it through the state. */
export const predict = (state: NetnsState, packet: TestPacket): Prediction => {
  const walks: HookWalk[] = [];
  const arrivals: string[] = [];
  const ended = (stop: WalkStep | null, why: string | null = null): Prediction => {
    const last = stop?.detail.kind === 'hook' ? stop.detail.walk : null;
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
  if (packet.sender === 'ca') {
    const bridged = owns('cb', packet.destination);
    const there = bridged ? walkBridged(bridgedInput(state, packet, made), unplaced(made), 'forward', null) : null;
    if (there?.end !== 'routed' && !crosses('pa', MACS.ca, bridged ? MACS.cb : MACS.br0))
      return { ...ended(null), lost: 'bridge', spoiled: ['prerouting'] };
    if (there?.end === 'bridged')
      return predictBridged(state, there, packet, made, { walks, arrivals, ended, crosses });
  }

  const { request, reply } = walkExchange(state, made, {
    answer: (sent) => throughBridge(state, sent, answerOf(sent)),
  });
  const there = progressOf(request.steps);
  walks.push(...there.walks);
  if (there.stop !== null) return ended(there.stop);
  if (walks.some((walk) => walk.unknowns.length > 0)) return ended(null);
  if (request.end === 'delivered') {
    if (packet.protocol === 'udp' || packet.sender === 'host') return ended(null);
    return finishReply(reply.steps, reply.packet, { walks, arrivals, ended, crosses });
  }
  const place = namespaceAt(request.packet);
  if (place === null) return ended(null);
  if (request.packet.oif === 'br0' && !crosses(null, MACS.br0, MACS[place as 'ca' | 'cb'])) return ended(null);
  arrivals.push(arrivalText(place, request.packet, packet.sourcePort));
  if (!owns(place, request.packet.destination))
    return request.packet.oif === made.iif || packet.family === 6
      ? { ...ended(null), spoiled: ALL_HOOKS }
      : ended(null);
  if (request.packet.oif === 'br0' && !crosses(PORTS[place as 'ca' | 'cb'], MACS[place as 'ca' | 'cb'], MACS.br0))
    return { ...ended(null), spoiled: ['prerouting'] };
  return finishReply(reply.steps, reply.packet, { walks, arrivals, ended, crosses });
};

interface Gathering {
  readonly walks: HookWalk[];
  readonly arrivals: string[];
  readonly ended: (stop: WalkStep | null, why?: string | null) => Prediction;
  readonly crosses: (port: string | null, from: string | null, to: string) => boolean;
}

const finishReply = (
  steps: readonly WalkStep[],
  packet: HookPacket,
  { walks, arrivals, ended, crosses }: Gathering,
): Prediction => {
  const back = progressOf(steps);
  walks.push(...back.walks);
  if (back.stop !== null) return ended(back.stop);
  if (walks.some((walk) => walk.unknowns.length > 0)) return ended(null);
  if (packet.oif === null) return packet.protocol === 'udp' ? { ...ended(null), spoiled: ALL_HOOKS } : ended(null);
  const place = namespaceAt(packet);
  if (place === null) return ended(null);
  if (packet.oif === 'br0' && !crosses(null, MACS.br0, MACS[place as 'ca' | 'cb'])) return ended(null);
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
  { walks, arrivals, ended, crosses }: Gathering,
): Prediction => {
  const input = bridgedInput(state, packet, made);
  const forth = progressOf(there.steps);
  walks.push(...forth.walks);
  if (forth.stop !== null) return ended(forth.stop);
  arrivals.push(arrivalText('cb', there.packet, packet.sourcePort));
  if (there.packet.source !== packet.source) return ended(null, 'bridged SNAT');
  if (!crosses('pb', MACS.cb, MACS.ca)) return { ...ended(null), spoiled: ['prerouting'] };
  const back = walkBridged(input, answerOf(there.packet), 'return', there.connection);
  const home = progressOf(back.steps);
  walks.push(...home.walks);
  if (home.stop !== null) return ended(home.stop);
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
