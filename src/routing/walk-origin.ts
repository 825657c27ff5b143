import type { Family } from '../model/flow.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { type Connection, connectionAt, connectionOf } from './connection.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import type { RouteAnswer } from './types.js';
import { walkReceived, walkSent } from './walk-packet.js';
import type { StepPlace } from './walk-steps.js';

/** The container's own link: from its socket to its device. */
const originOf = (input: WalkInput) => {
  const link = input.path.links[0];
  const device = input.path.hops[1]?.ifname ?? null;
  return link
    ? { place: (way: StepPlace['way']): StepPlace => ({ way, link: link.id, netns: 'target' }), device }
    : null;
};

/** How the request left the container. */
export interface Departure {
  readonly steps: readonly WalkStep[];
  /** As it leaves the namespace; its mark goes no further than the device. */
  readonly packet: HookPacket;
  readonly connection: Connection | null;
  /** The route by which it went on. */
  readonly route: RouteAnswer | null;
  /** The container's namespace without what refused the request; `null` when it was not read. */
  readonly state: NetnsState | null;
}

/** Route, OUTPUT and POSTROUTING of the container's own namespace. */
export const walkRequestFromOrigin = (input: WalkInput, packet: HookPacket): Departure => {
  const origin = originOf(input);
  const state = input.states['target'];
  if (!origin || !state)
    return { steps: [], packet, connection: connectionOf(packet, packet), route: null, state: null };
  const walk = walkSent({
    place: origin.place('forward'),
    state,
    packet: { ...packet, ttl: firstHopLimit(state, packet, origin.device) },
    connection: connectionAt(input, state, packet),
    fallbackDevice: origin.device,
  });
  return {
    steps: walk.steps,
    packet: walk.packet,
    connection: connectionOf(walk.entered, walk.packet),
    route: walk.onward,
    state: walk.mended,
  };
};

/**
 * The setting of the TTL or hop limit that a kernel gives its own packets. That of `all` devices is for one that has no IPv6.
 * @see ip-sysctl in the kernel's documentation, "hop_limit"
 */
export const hopLimitKey = (family: Family, device: string | null): string =>
  family === 4 ? 'net.ipv4.ip_default_ttl' : `net.ipv6.conf.${(device ?? 'all').replaceAll('.', '/')}.hop_limit`;

const firstHopLimit = ({ sysctls }: NetnsState, { family, ttl }: HookPacket, device: string | null): number => {
  const value = sysctls.ok ? Number(sysctls.value[hopLimitKey(family, device)]) : Number.NaN;
  return Number.isInteger(value) && value > 0 ? value : ttl;
};

/** Reverse-path check and INPUT of the container's own namespace, for the answer. */
export const walkReplyIntoOrigin = (
  input: WalkInput,
  reply: HookPacket,
  { connection, state }: Pick<Departure, 'connection' | 'state'>,
): readonly WalkStep[] => {
  const origin = originOf(input);
  if (!origin || !state) return [];
  return walkReceived({
    place: origin.place('return'),
    state,
    packet: { ...reply, iif: origin.device, oif: null },
    connection,
    expects: 'local',
  }).steps;
};
