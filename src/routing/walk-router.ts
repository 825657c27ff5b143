import type { RouterNode } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from './flow-walk-types.js';
import { lookupRoute } from './lookup-route.js';
import { reversePath } from './reverse-path.js';
import { isForwarding } from './settings.js';
import type { RoutingState } from './state.js';
import type { RouteAnswer } from './types.js';
import type { WalkInput } from './walk-flow.js';
import { hookStep, routesOf, type StepPlace, unreadStep } from './walk-steps.js';

/** How the request crossed one router: what its answer is translated back by. */
export interface Crossing {
  readonly router: RouterNode;
  readonly steps: readonly WalkStep[];
  /** The request when it came in and when it left. */
  readonly entered: HookPacket;
  readonly packet: HookPacket;
}

const entryPort = (input: WalkInput, router: RouterNode): string | null => {
  const link = input.path.links.find((candidate) => candidate.id === router.link);
  const index = input.path.hops.findIndex((hop) => hop.id === link?.from);
  const before = input.path.hops[index - 1];
  return input.path.hops[index]?.role === 'bridge' && before?.role === 'veth-host' ? before.ifname : null;
};

/** PREROUTING, forwarding switch, route, reverse-path check, FORWARD (or INPUT) and POSTROUTING of one router. */
export const walkRequestThrough = (input: WalkInput, router: RouterNode, packet: HookPacket): Crossing => {
  const place: StepPlace = { way: 'forward', link: router.link, netns: router.netns };
  const state = input.states[router.netns];
  if (!state) return { router, steps: [unreadStep(place, 'route', router.netns)], entered: packet, packet };
  const entered: HookPacket = {
    ...packet,
    iif: router.iif,
    oif: null,
    physIn: entryPort(input, router),
    mark: 0,
    connection: 'new',
    connectionStatus: [],
  };
  const pre = hookStep(place, 'prerouting', 'prerouting', entered, state);
  const steps: WalkStep[] = [pre.step];
  const routed = routeSteps(place, pre.packet, router.iif, state, input.flow.kind === 'to-host');
  steps.push(...routed.steps);
  if (input.flow.kind === 'to-host') {
    const local = hookStep(place, 'input', 'input', pre.packet, state);
    return { router, steps: [...steps, local.step], entered, packet: local.packet };
  }
  const leaving = { ...pre.packet, oif: routed.answer?.dev ?? router.oif };
  const forward = hookStep(place, 'forward', 'forward', leaving, state);
  const post = hookStep(place, 'postrouting', 'postrouting', { ...forward.packet, physIn: null }, state);
  return { router, steps: [...steps, forward.step, post.step], entered, packet: post.packet };
};

/** The same router, crossed by the answer: translated back by the connection, then routed to the container. */
export const walkReplyThrough = (
  input: WalkInput,
  crossing: Crossing,
  reply: HookPacket,
): { readonly steps: readonly WalkStep[]; readonly packet: HookPacket } => {
  const { router, entered, packet: left } = crossing;
  const place: StepPlace = { way: 'return', link: router.link, netns: router.netns };
  const state = input.states[router.netns];
  if (!state) return { steps: [unreadStep(place, 'route', router.netns)], packet: reply };
  if (input.flow.kind === 'to-host') return walkLocalReply(place, router, entered, reply, state);

  const tracked = left.connection !== 'untracked';
  const iif = replyDeviceOf(input, router) ?? left.oif;
  const status = [
    ...(left.source === entered.source ? [] : (['snat'] as const)),
    ...(left.destination === entered.destination ? [] : (['dnat'] as const)),
  ];
  const arriving: HookPacket = {
    ...reply,
    iif,
    connection: tracked ? 'established' : 'untracked',
    connectionStatus: status,
  };
  const pre = hookStep(place, 'prerouting', 'prerouting', arriving, state);
  const back: HookPacket = tracked
    ? { ...pre.packet, destination: entered.source, destinationPort: entered.sourcePort }
    : pre.packet;
  const steps: WalkStep[] = [pre.step];
  let oif: string | null = router.iif;
  if (iif !== null) {
    const routed = routeSteps(place, back, iif, state, false);
    steps.push(...routed.steps);
    if (routed.answer) {
      steps.push(returnDeviceStep(place, router, routed.answer));
      oif = routed.answer.dev ?? router.iif;
    }
  }
  const forward = hookStep(place, 'forward', 'forward', { ...back, oif }, state);
  const post = hookStep(place, 'postrouting', 'postrouting', forward.packet, state);
  steps.push(forward.step, post.step);
  const delivered = tracked
    ? { ...post.packet, source: entered.destination, sourcePort: entered.destinationPort }
    : post.packet;
  return { steps, packet: { ...delivered, mark: 0 } };
};

const replyDeviceOf = (input: WalkInput, router: RouterNode): string | null =>
  router === input.path.routers.at(-1) ? input.replyDevice : null;

const walkLocalReply = (
  place: StepPlace,
  router: RouterNode,
  entered: HookPacket,
  reply: HookPacket,
  state: NetnsState,
) => {
  const leaving = { ...reply, destination: entered.source, oif: router.iif };
  const output = hookStep(place, 'output', 'output', leaving, state);
  const post = hookStep(place, 'postrouting', 'postrouting', output.packet, state);
  return { steps: [output.step, post.step], packet: post.packet };
};

const returnDeviceStep = (place: StepPlace, router: RouterNode, answer: RouteAnswer): WalkStep => ({
  ...place,
  stage: 'route',
  device: answer.dev,
  outcome: answer.outcome === 'unicast' && answer.dev === router.iif ? 'pass' : 'drop',
  detail: { kind: 'return-device', expected: router.iif, answer },
});

const routeSteps = (
  place: StepPlace,
  packet: HookPacket,
  iif: string,
  state: NetnsState,
  toHost: boolean,
): { readonly steps: readonly WalkStep[]; readonly answer: RouteAnswer | null } => {
  const routes = routesOf(state);
  if (!routes) return { steps: [unreadStep(place, 'route', 'the routes')], answer: null };
  const query = {
    family: packet.family,
    destination: packet.destination,
    source: packet.source,
    iif,
    mark: packet.mark,
    protocol: packet.protocol,
  };
  const answer = lookupRoute(routes, query);
  const wanted = toHost ? answer.outcome === 'local' : answer.outcome === 'unicast';
  const route: WalkStep = {
    ...place,
    stage: 'route',
    device: answer.dev,
    outcome: wanted ? 'pass' : 'drop',
    detail: { kind: 'route', query, answer },
  };
  return {
    steps: [
      ...(toHost ? [] : [forwardingStep(place, iif, routes, packet)]),
      route,
      reversePathStep(place, packet, iif, routes),
    ],
    answer,
  };
};

const forwardingStep = (place: StepPlace, iif: string, routes: RoutingState, packet: HookPacket): WalkStep => {
  const { on, all } = isForwarding(routes, iif, packet.family);
  return {
    ...place,
    stage: 'route',
    device: iif,
    outcome: on ? 'pass' : 'drop',
    detail: { kind: 'forwarding', device: iif, on, all },
  };
};

const reversePathStep = (place: StepPlace, packet: HookPacket, iif: string, routes: RoutingState): WalkStep => {
  const answer = reversePath(routes, {
    family: packet.family,
    source: packet.source,
    destination: packet.destination,
    iif,
    mark: packet.mark,
  });
  return {
    ...place,
    stage: 'route',
    device: iif,
    outcome: answer.passes ? 'pass' : 'drop',
    detail: { kind: 'reverse-path', device: iif, answer },
  };
};
