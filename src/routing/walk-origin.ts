import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from './flow-walk-types.js';
import { lookupRoute } from './lookup-route.js';
import { reversePath } from './reverse-path.js';
import { primaryAddress } from './source-address.js';
import type { RoutingState } from './state.js';
import type { RouteOutcome } from './types.js';
import type { WalkInput } from './walk-flow.js';
import { hookStep, routesOf, type StepPlace, unreadStep } from './walk-steps.js';

const SENDS: readonly RouteOutcome[] = ['unicast', 'local', 'broadcast', 'multicast'];

/** The container's own link: from its socket to its device. */
const originOf = (input: WalkInput) => {
  const link = input.path.links[0];
  const device = input.path.hops[1]?.ifname ?? null;
  return link
    ? { place: (way: StepPlace['way']): StepPlace => ({ way, link: link.id, netns: 'target' }), device }
    : null;
};

/** Route, OUTPUT and POSTROUTING of the container's own namespace. */
export const walkRequestFromOrigin = (
  input: WalkInput,
  packet: HookPacket,
): { readonly steps: readonly WalkStep[]; readonly packet: HookPacket } => {
  const origin = originOf(input);
  const state = input.states['target'];
  if (!origin || !state) return { steps: [], packet };
  const place = origin.place('forward');
  const routes = routesOf(state);
  const steps: WalkStep[] = [];
  let sent = { ...packet, oif: origin.device };
  if (routes) {
    const query = {
      family: packet.family,
      destination: packet.destination,
      source: input.flow.source,
      iif: null,
      mark: packet.mark,
      protocol: packet.protocol,
    };
    const answer = lookupRoute(routes, query);
    const goes = SENDS.includes(answer.outcome);
    steps.push({
      ...place,
      stage: 'route',
      device: answer.dev,
      outcome: goes ? 'pass' : 'drop',
      detail: { kind: 'route', query, answer },
    });
    sent = {
      ...sent,
      oif: answer.dev ?? origin.device,
      source: input.flow.source ?? answer.preferredSource ?? sourceOf(routes, origin.device, packet),
    };
  } else steps.push(unreadStep(place, 'route', "the container's routes"));

  const output = hookStep(place, 'output', 'output', sent, state);
  const post = hookStep(place, 'postrouting', 'postrouting', output.packet, state);
  steps.push(output.step, post.step);
  return { steps, packet: freshForNextNamespace(post.packet, packet) };
};

/** The address that the container would send from if its route were mended. */
const sourceOf = (routes: RoutingState, device: string | null, packet: HookPacket): string =>
  (device === null ? null : primaryAddress(routes, device, packet.family)) ?? packet.source;

/** Reverse-path check and INPUT of the container's own namespace, for the answer. */
export const walkReplyIntoOrigin = (input: WalkInput, reply: HookPacket): readonly WalkStep[] => {
  const origin = originOf(input);
  const state = input.states['target'];
  if (!origin || !state) return [];
  const place = origin.place('return');
  const steps: WalkStep[] = [];
  const arriving = { ...reply, iif: origin.device, oif: null, mark: 0 };
  const routes = routesOf(state);
  if (routes && origin.device !== null) {
    const answer = reversePath(routes, {
      family: reply.family,
      source: reply.source,
      destination: reply.destination,
      iif: origin.device,
      mark: 0,
    });
    steps.push({
      ...place,
      stage: 'route',
      device: origin.device,
      outcome: answer.passes ? 'pass' : 'drop',
      detail: { kind: 'reverse-path', device: origin.device, answer },
    });
  }
  const pre = hookStep(place, 'prerouting', 'prerouting', arriving, state);
  const local = hookStep(place, 'input', 'input', pre.packet, state);
  return [...steps, pre.step, local.step];
};

/**
 * The packet as the next namespace gets it: mark and connection do not cross (veth scrubs the skb), addresses that the
 * container itself translated do.
 */
const freshForNextNamespace = (sent: HookPacket, first: HookPacket): HookPacket => ({
  ...first,
  source: sent.source,
  destination: sent.destination,
  sourcePort: sent.sourcePort,
  destinationPort: sent.destinationPort,
  mark: 0,
});
