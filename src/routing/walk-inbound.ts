import type { NetnsId } from '../model/netns.js';
import type { Path } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { connectionOf } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import { replyTo } from './probe-packet.js';
import { walkReceived, walkSent } from './walk-packet.js';

export interface InboundInput {
  /** The path from the container to the client. */
  readonly path: Path;
  readonly states: Readonly<Record<NetnsId, NetnsState>>;
  /** The client's packet as it comes in by the host's uplink. */
  readonly packet: HookPacket;
}

/** What became of a client's packet: it reached the container, ended at the host itself, or went elsewhere. */
export interface InboundWalk {
  readonly steps: readonly WalkStep[];
  readonly end: 'container' | 'host' | 'elsewhere';
  /** The request where it ended or left. */
  readonly packet: HookPacket;
}

/** Walks a client's packet through the host's uplink to the container that publishes a port, and the answer back. */
export const walkInbound = ({ path, states, packet }: InboundInput): InboundWalk | null => {
  const router = path.routers.at(-1);
  const host = router && states[router.netns];
  if (!router || !host) return null;
  const at = { link: router.link, netns: router.netns };
  const container = { link: path.links[0]?.id ?? 'h0-h1', netns: 'target' };
  const request = walkReceived({
    place: { ...at, way: 'forward' },
    state: host,
    packet: { ...packet, iif: router.oif },
    connection: null,
  });
  const connection = connectionOf(request.entered, request.packet);
  if (request.end === 'delivered' || request.packet.oif !== router.iif) {
    const { steps } = request;
    return { steps, end: request.end === 'delivered' ? 'host' : 'elsewhere', packet: request.packet };
  }
  const target = states['target'];
  const steps: WalkStep[] = [...request.steps];
  let reply = replyTo(request.packet);
  if (target) {
    const device = path.hops[1]?.ifname ?? null;
    const arrived = walkReceived({
      place: { ...container, way: 'forward' },
      state: target,
      packet: { ...request.packet, iif: device, oif: null, mark: 0 },
      connection: null,
      expects: 'local',
    });
    const answered = walkSent({
      place: { ...container, way: 'return' },
      state: target,
      packet: reply,
      connection: connectionOf(arrived.entered, arrived.packet),
      fallbackDevice: device,
    });
    steps.push(...arrived.steps, ...answered.steps);
    reply = answered.packet;
  }
  const back = walkReceived({
    place: { ...at, way: 'return' },
    state: host,
    packet: { ...reply, iif: router.iif, mark: 0 },
    connection,
    expects: 'forward',
    fallbackDevice: router.oif,
  });
  return { steps: [...steps, ...back.steps], end: 'container', packet: request.packet };
};
