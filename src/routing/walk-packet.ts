import type { NetnsState } from '../model/state.js';
import type { Hook, HookPacket } from '../netfilter/types.js';
import { addressType } from './address-type.js';
import { asTracked, type Connection, isLoose, rewriteTracked } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import { forwardingStep, martianStep, queryOf, reversePathStep, routeStep, ttlStep } from './route-steps.js';
import { primaryAddress } from './source-address.js';
import type { RoutingState } from './state.js';
import type { RouteAnswer, RouteOutcome } from './types.js';
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
  const { steps, route, isLocal } = routeReceived(input, pre.packet);
  if (isLocal) {
    const local = atHook(input, 'input', pre.packet);
    return { steps: [pre.step, ...steps, local.step], entered, packet: local.packet, end: 'delivered', route };
  }
  const oif = (route?.outcome === 'unicast' ? route.dev : null) ?? input.fallbackDevice ?? null;
  const leaving = { ...pre.packet, oif };
  const guarded = xfrmSteps(input.place, input.state, leaving);
  const expired = ttlStep(input.place, leaving);
  const forward = atHook(input, 'forward', { ...leaving, ttl: Math.max(leaving.ttl - 1, 1) });
  const post = atHook(input, 'postrouting', { ...forward.packet, physIn: null });
  const all = [pre.step, ...steps, ...guarded, ...(expired ? [expired] : []), forward.step, post.step];
  return { steps: all, entered, packet: post.packet, end: 'sent', route };
};

interface Routed {
  readonly steps: readonly WalkStep[];
  readonly route: RouteAnswer | null;
  readonly isLocal: boolean;
}

const routeReceived = ({ place, state, expects }: PacketInput, packet: HookPacket): Routed => {
  const routes = routesOf(state);
  const iif = packet.iif ?? 'lo';
  if (routes === null)
    return { steps: [unreadStep(place, 'route', 'the routes')], route: null, isLocal: expects === 'local' };
  const wanted = expects === 'local' ? DELIVERED : expects === 'forward' ? UNICAST : ANYWHERE;
  const { step, answer } = routeStep(place, routes, queryOf(packet, iif), wanted);
  const isLocal = expects === undefined ? DELIVERED.includes(answer.outcome) : expects === 'local';
  const martian = martianStep(place, routes, packet, iif);
  const forwarding = isLocal ? [] : [forwardingStep(place, routes, iif, packet.family)];
  const steps = [
    ...(martian ? [martian] : []),
    ...(packet.family === 4 ? [...forwarding, step] : [step, ...forwarding]),
    reversePathStep(place, routes, packet, iif),
  ];
  return { steps, route: answer, isLocal };
};

/** A packet that a socket of the namespace makes: route, OUTPUT, a second route where OUTPUT changed it, POSTROUTING. */
export const walkSent = (input: PacketInput): PacketWalk => {
  const routes = routesOf(input.state);
  const { made, ...first } = routeSent(input, routes);
  const hasRoute = (packet: HookPacket): boolean =>
    routes === null || rerouteSent(input, routes, packet).step.outcome !== 'drop';
  const rewrite = rewriteTracked(input.connection, 'output');
  const output = hookStep(input.place, 'output', 'output', made, input.state, rewrite, hasRoute);
  const again = routes !== null && output.walk.reroutes === true ? rerouteSent(input, routes, output.packet) : null;
  const route = again?.route ?? first.route;
  const post = atHook(input, 'postrouting', again?.packet ?? output.packet);
  const second = again ? [again.step] : [];
  const inOutput = output.walk.stranded === true ? [...second, output.step] : [output.step, ...second];
  const steps = [...first.steps, ...inOutput, post.step];
  if (post.packet.oif !== 'lo') return { steps, entered: made, packet: post.packet, end: 'sent', route };
  const looped = { ...post.packet, iif: 'lo', oif: null, natDecided: true };
  const pre = hookStep(input.place, 'prerouting', 'prerouting', looped, input.state);
  const local = hookStep(input.place, 'input', 'input', pre.packet, input.state);
  return { steps: [...steps, pre.step, local.step], entered: made, packet: local.packet, end: 'delivered', route };
};

const routeSent = (
  { place, state, packet, connection, fallbackDevice }: PacketInput,
  routes: RoutingState | null,
): { readonly steps: readonly WalkStep[]; readonly made: HookPacket; readonly route: RouteAnswer | null } => {
  const made = { ...asTracked(packet, connection, isLoose(state)), iif: null };
  if (routes === null) {
    const steps = [unreadStep(place, 'route', 'the routes')];
    return { steps, made: { ...made, oif: fallbackDevice ?? null }, route: null };
  }
  const source = isUnspecified(made.source) ? null : made.source;
  const { step, answer } = routeStep(place, routes, { ...queryOf(made, null), source }, ANYWHERE);
  const oif = answer.dev ?? fallbackDevice ?? null;
  const own = oif === null ? null : primaryAddress(routes, oif, made.family);
  return {
    steps: [step],
    made: { ...made, oif, source: source ?? answer.preferredSource ?? own ?? made.source },
    route: answer,
  };
};

/** The second look-up of a packet that OUTPUT changed; a source that is not our own does not count in it. */
const rerouteSent = ({ place }: PacketInput, routes: RoutingState, packet: HookPacket) => {
  const source = addressType(routes, packet.source) === 'local' ? packet.source : null;
  const { step, answer } = routeStep(place, routes, { ...queryOf(packet, null), source }, ANYWHERE);
  return { step, route: answer, packet: { ...packet, oif: answer.dev ?? packet.oif } };
};

const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';
