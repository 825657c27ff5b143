import type { RouterNode } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { asksIp } from './br-netfilter.js';
import { type Connection, connectionAt, connectionOf } from './connection.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { portBeside } from './frame-way.js';
import type { RouteAnswer } from './types.js';
import { type PacketInput, walkReceived, walkSent } from './walk-packet.js';
import { type StepPlace, unreadStep } from './walk-steps.js';

/** How the request crossed one router. */
export interface Crossing {
  readonly router: RouterNode;
  readonly steps: readonly WalkStep[];
  /** The request when it left. */
  readonly packet: HookPacket;
  /** What its answer is translated back by; `null` when conntrack does not follow it. */
  readonly connection: Connection | null;
  /** The route by which it went on. */
  readonly route: RouteAnswer | null;
  /** The router without what refused the request; `null` when it was not read. */
  readonly state: NetnsState | null;
}

/**
 * PREROUTING, forwarding switch, route, reverse-path check, FORWARD (or INPUT) and POSTROUTING of one router.
 * @param packet as it comes to the IP stack, with the mark that it got on its way there
 * @param within what a bridge asks between PREROUTING and the route
 */
export const walkRequestThrough = (
  input: WalkInput,
  router: RouterNode,
  packet: HookPacket,
  within: PacketInput['within'] = null,
): Crossing => {
  const place: StepPlace = { way: 'forward', link: router.link, netns: router.netns };
  const state = input.states[router.netns];
  if (!state) {
    const steps = [unreadStep(place, 'route', router.netns)];
    return { router, steps, packet, connection: connectionOf(packet, packet), route: null, state: null };
  }
  const port = asksIp(state, packet.family, router.iif) ? portBeside(input, router, 'from') : null;
  const walk = walkReceived({
    place,
    bridgeLink: port?.link ?? null,
    state,
    packet: { ...packet, iif: router.iif, physIn: port?.port ?? null, natDecided: false },
    connection: connectionAt(input, state, packet),
    expects: input.flow.kind === 'to-host' ? 'local' : 'forward',
    fallbackDevice: router.oif,
    within,
  });
  const { steps, onward, mended } = walk;
  const connection = connectionOf(walk.entered, walk.packet);
  return { router, steps, packet: walk.packet, connection, route: onward, state: mended };
};

/**
 * The same router, crossed by the answer: translated back by the connection, then routed to the container.
 * @param within what a bridge asks between PREROUTING and the route
 */
export const walkReplyThrough = (
  input: WalkInput,
  { router, connection, packet: request, state }: Crossing,
  reply: HookPacket,
  within: PacketInput['within'] = null,
): { readonly steps: readonly WalkStep[]; readonly packet: HookPacket } => {
  const place: StepPlace = { way: 'return', link: router.link, netns: router.netns };
  if (!state) return { steps: [unreadStep(place, 'route', router.netns)], packet: reply };
  const shared = { place, state, connection, fallbackDevice: router.iif };
  if (input.flow.kind === 'to-host') return walkSent({ ...shared, packet: reply });

  const iif = replyDeviceOf(input, router) ?? (router.oif === null ? null : request.oif);
  if (iif === null) return { steps: [], packet: reply };
  const port = asksIp(state, reply.family, iif) ? portBeside(input, router, 'to') : null;
  const packet = { ...reply, iif, physIn: port?.port ?? null };
  const walk = walkReceived({ ...shared, bridgeLink: port?.link ?? null, packet, expects: 'forward', within });
  const steps = walk.steps.flatMap((step) =>
    step.detail.kind === 'reverse-path' && walk.route ? [step, returnDeviceStep(place, router, walk.route)] : [step],
  );
  return { steps, packet: walk.packet };
};

const replyDeviceOf = (input: WalkInput, router: RouterNode): string | null =>
  router === input.path.routers.at(-1) ? input.replyDevice : null;

const returnDeviceStep = (place: StepPlace, router: RouterNode, answer: RouteAnswer): WalkStep => ({
  ...place,
  stage: 'route',
  device: answer.dev,
  outcome: answer.outcome === 'unicast' && answer.dev === router.iif ? 'pass' : 'drop',
  detail: { kind: 'return-device', expected: router.iif, answer },
});
