import type { NetnsState } from '../model/state.js';
import type { Hook, HookPacket } from '../netfilter/types.js';
import { addressType } from './address-type.js';
import { asTracked, type Connection, isLoose, rewriteTracked } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import type { Passed } from './frame-hooks.js';
import { type MendedRoute, mendRoute } from './mend-route.js';
import { movedMasquerade } from './moved-masquerade.js';
import {
  forwardingStep,
  loopbackSourceStep,
  martianStep,
  queryOf,
  reversePathStep,
  routeStep,
  ttlStep,
} from './route-steps.js';
import { primaryAddress } from './source-address.js';
import type { RoutingState } from './state.js';
import type { RouteAnswer, RouteOutcome, RouteQuery } from './types.js';
import { hookStep, routesOf, type StepPlace, unreadStep } from './walk-steps.js';
import { xfrmSteps } from './xfrm-steps.js';

/** One packet in one namespace. */
export interface PacketInput {
  readonly place: StepPlace;
  readonly state: NetnsState;
  readonly packet: HookPacket;
  /** The connection that the packet answers, or is of; `null` for a packet that begins one. */
  readonly connection: Connection | null;
  /** Where the path says that the packet ends; without it the routes decide. */
  readonly expects?: 'local' | 'forward';
  /** Device to go on with where no route names one. */
  readonly fallbackDevice?: string | null;
  /** What a bridge asks between PREROUTING, which br_netfilter then calls, and the route. */
  readonly within?: ((packet: HookPacket) => Passed) | null;
  /** Link on which packets are lost that PREROUTING refuses, where br_netfilter calls it: from the port to the bridge. @default that of `place` */
  readonly bridgeLink?: string | null;
}

/** What became of the packet. After a step that loses it the walk goes on as if that step were mended. */
export interface PacketWalk {
  readonly steps: readonly WalkStep[];
  /** The packet when it came in, or when its socket made it. */
  readonly entered: HookPacket;
  readonly packet: HookPacket;
  readonly end: 'delivered' | 'sent';
  /** The route that it took; `null` when the routes could not be read. */
  readonly route: RouteAnswer | null;
  /** The route by which it goes on: another one where the first refuses it, and none is known for sure where none is left. */
  readonly onward: RouteAnswer | null;
  /** The namespace without what refused the packet. */
  readonly mended: NetnsState;
}

const DELIVERED: readonly RouteOutcome[] = ['local', 'broadcast', 'multicast'];
const UNICAST: readonly RouteOutcome[] = ['unicast'];
const ANYWHERE: readonly RouteOutcome[] = [...DELIVERED, ...UNICAST];

const atHook = (input: PacketInput, hook: Hook, packet: HookPacket) =>
  hookStep(input.place, hook, hook, packet, input.state, rewriteTracked(input.connection, hook));

/**
 * A packet that comes in by `packet.iif`: PREROUTING, the route and its checks, then INPUT, or FORWARD and POSTROUTING.
 * IPv4 looks at the forwarding switch before it says that there is no route, IPv6 after.
 */
export const walkReceived = (input: PacketInput): PacketWalk => {
  const entered = { ...asTracked(input.packet, input.connection, isLoose(input.state)), oif: null };
  const pre = atHook(input, 'prerouting', entered);
  const { link } = input.place;
  const asked: WalkStep = { ...pre.step, link: pre.step.outcome === 'pass' ? link : (input.bridgeLink ?? link) };
  const up = input.within?.(pre.packet) ?? { steps: [], packet: pre.packet };
  const isRedirected = pre.packet.destination !== entered.destination;
  const { steps: routing, isLocal, ...routed } = routeReceived(input, isRedirected ? pre.packet : up.packet);
  const steps = [
    asked,
    ...(isRedirected && isRefusedAtOnce(routing) ? [routing, up.steps] : [up.steps, routing]).flat(),
  ];
  const mended = { ...input, state: routed.mended };
  if (isLocal) {
    const local = atHook(mended, 'input', up.packet);
    return { ...routed, steps: [...steps, local.step], entered, packet: local.packet, end: 'delivered' };
  }
  const leaving = { ...up.packet, oif: routed.device ?? input.fallbackDevice ?? null };
  const guarded = xfrmSteps(input.place, input.state, leaving);
  const expired = ttlStep(input.place, leaving);
  const forward = atHook(mended, 'forward', { ...leaving, ttl: Math.max(leaving.ttl - 1, 1) });
  const last = { ...forward.packet, physIn: null };
  const post = atHook(mended, 'postrouting', last);
  const moved = movedMasquerade(input.place, routed.mended, input.connection, last);
  const ended = moved ? [post.step, moved.step] : [post.step];
  const all = [...steps, ...guarded, ...(expired ? [expired] : []), forward.step, ...ended];
  return { ...routed, steps: all, entered, packet: (moved ?? post).packet, end: 'sent' };
};

/**
 * A frame whose destination PREROUTING changed is routed by br_netfilter, before the bridge goes on with it: an error of
 * that look-up loses it there. Of IPv4 a route that leads nowhere is none; the packet meets it in the IP stack.
 * @see br_nf_pre_routing_finish in net/bridge/br_netfilter_hooks.c
 */
const isRefusedAtOnce = (routing: readonly WalkStep[]): boolean => {
  const first = routing.find(({ outcome }) => outcome !== 'pass')?.detail;
  const isIp6 = first?.kind === 'route' && first.query.destination.includes(':');
  return first?.kind === 'reverse-path' || first?.kind === 'address' || isIp6;
};

interface Onward {
  readonly route: RouteAnswer | null;
  readonly onward: RouteAnswer | null;
  /** Device that the packet goes on by; `null` when no route names one. */
  readonly device: string | null;
  readonly mended: NetnsState;
}

interface Routed extends Onward {
  readonly steps: readonly WalkStep[];
  readonly isLocal: boolean;
}

/** How a packet goes on after the answer to its look-up. */
const goOn = (
  { state, fallbackDevice }: PacketInput,
  routes: RoutingState,
  query: RouteQuery,
  answer: RouteAnswer,
): Onward => {
  const mended = answer.outcome === 'unicast' ? null : mendRoute(routes, query, fallbackDevice ?? null);
  if (mended === null) {
    const device = answer.outcome === 'unicast' ? answer.dev : null;
    return { route: answer, onward: answer, device, mended: state };
  }
  return {
    route: answer,
    onward: mended.isAssumed ? answer : mended.answer,
    device: mended.answer.dev,
    mended: withRoutes(state, mended),
  };
};

const withRoutes = (state: NetnsState, { rules, routes }: MendedRoute): NetnsState => ({
  ...state,
  ...(state.rules.ok ? { rules: { ...state.rules, value: rules } } : {}),
  ...(state.routes.ok ? { routes: { ...state.routes, value: routes } } : {}),
});

const routeReceived = (input: PacketInput, packet: HookPacket): Routed => {
  const { place, state, expects } = input;
  const routes = routesOf(state);
  const iif = packet.iif ?? 'lo';
  if (routes === null) {
    const steps = [unreadStep(place, 'route', 'the routes')];
    return { steps, route: null, onward: null, device: null, mended: state, isLocal: expects === 'local' };
  }
  const wanted = expects === 'local' ? DELIVERED : expects === 'forward' ? UNICAST : ANYWHERE;
  const query = queryOf(packet, iif);
  const { step, answer } = routeStep(place, routes, query, wanted);
  const isLocal = expects === undefined ? DELIVERED.includes(answer.outcome) : expects === 'local';
  const martian = martianStep(place, routes, packet, iif);
  const onward = isLocal
    ? { route: answer, onward: answer, device: null, mended: state }
    : goOn(input, routes, query, answer);
  const forwarding = isLocal ? [] : [forwardingStep(place, routes, iif, packet.family)];
  const steps = [
    ...(martian ? [martian] : []),
    ...(packet.family === 4 ? [...forwarding, step] : [step, ...forwarding]),
    reversePathStep(place, routesOf(onward.mended) ?? routes, packet, iif),
  ];
  return { ...onward, steps, isLocal };
};

/** A packet that a socket of the namespace makes: route, OUTPUT, a second route where OUTPUT changed it, POSTROUTING. */
export const walkSent = (input: PacketInput): PacketWalk => {
  const routes = routesOf(input.state);
  const { made, steps: routing, ...first } = routeSent(input, routes);
  const hasRoute = (packet: HookPacket): boolean =>
    routes === null || rerouteSent(input, routes, packet).step.outcome !== 'drop';
  const rewrite = rewriteTracked(input.connection, 'output');
  const output = hookStep(input.place, 'output', 'output', made, input.state, rewrite, hasRoute);
  const again = routes !== null && output.walk.reroutes === true ? rerouteSent(input, routes, output.packet) : null;
  const routed = again ? { ...first, route: again.route, onward: again.route } : first;
  const post = atHook(input, 'postrouting', again?.packet ?? output.packet);
  const second = again ? [again.step] : [];
  const inOutput = output.walk.stranded === true ? [...second, output.step] : [output.step, ...second];
  const steps = [...routing, ...inOutput, post.step];
  if (post.packet.oif !== 'lo') return { ...routed, steps, entered: made, packet: post.packet, end: 'sent' };
  const looped = { ...post.packet, iif: 'lo', oif: null, natDecided: true };
  const pre = hookStep(input.place, 'prerouting', 'prerouting', looped, input.state);
  const local = hookStep(input.place, 'input', 'input', pre.packet, input.state);
  return { ...routed, steps: [...steps, pre.step, local.step], entered: made, packet: local.packet, end: 'delivered' };
};

interface Made extends Onward {
  readonly steps: readonly WalkStep[];
  readonly made: HookPacket;
}

const routeSent = (input: PacketInput, routes: RoutingState | null): Made => {
  const { place, state, packet, connection, fallbackDevice } = input;
  const made = { ...asTracked(packet, connection, isLoose(state)), iif: null };
  if (routes === null) {
    const steps = [unreadStep(place, 'route', 'the routes')];
    const oif = fallbackDevice ?? null;
    return { steps, made: { ...made, oif }, route: null, onward: null, device: oif, mended: state };
  }
  const source = isUnspecified(made.source) ? null : made.source;
  const query = { ...queryOf(made, null), source };
  const { step, answer } = routeStep(place, routes, query, ANYWHERE);
  const onward = DELIVERED.includes(answer.outcome)
    ? { route: answer, onward: answer, device: answer.dev, mended: state }
    : goOn(input, routes, query, answer);
  const oif = onward.device ?? fallbackDevice ?? null;
  const own = oif === null ? null : primaryAddress(routes, oif, made.family);
  return {
    ...onward,
    steps: [step],
    made: { ...made, oif, source: source ?? onward.onward?.preferredSource ?? own ?? made.source },
  };
};

/** The second look-up of a packet that OUTPUT changed; a source that is not our own does not count in it. */
const rerouteSent = ({ place }: PacketInput, routes: RoutingState, packet: HookPacket) => {
  const source = addressType(routes, packet.source) === 'local' ? packet.source : null;
  const { step, answer } = routeStep(place, routes, { ...queryOf(packet, null), source }, ANYWHERE);
  const kept = loopbackSourceStep(place, routes, packet, answer.dev);
  return { step: kept ?? step, route: answer, packet: { ...packet, oif: answer.dev ?? packet.oif } };
};

const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';
