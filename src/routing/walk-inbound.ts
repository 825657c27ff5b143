import type { NetnsId } from '../model/netns.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { connectionOf } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import { replyTo } from './probe-packet.js';
import { serviceFor } from './service.js';
import { type PacketWalk, walkReceived, walkSent } from './walk-packet.js';
import type { StepPlace } from './walk-steps.js';

/** Where the parts of the walk lie on the path. */
export interface InboundPlaces {
  readonly host: { readonly netns: NetnsId; readonly link: string };
  /** Device the client's packet comes in by; `null` when the host itself is the client. */
  readonly iif: string | null;
  /** Device of the host that leads to the container. */
  readonly oif: string;
  readonly container: { readonly link: string; readonly device: string | null };
}

export interface InboundInput {
  readonly places: InboundPlaces;
  readonly states: Readonly<Record<NetnsId, NetnsState>>;
  /** The client's packet as it comes in, or as the host's socket makes it. */
  readonly packet: HookPacket;
  /**
   * Where the container is: the walk goes on there when the host does not send the packet to it, so that the causes behind
   * are found. Without it, it ends.
   */
  readonly container?: { readonly address: string; readonly port: number | null } | null;
}

/** What became of a client's packet: it reached the container, ended at the host itself, or went elsewhere. */
export interface InboundWalk {
  readonly steps: readonly WalkStep[];
  readonly end: 'container' | 'host' | 'elsewhere';
  /** The request as it left the host, or where it ended. */
  readonly packet: HookPacket;
  /** What the host did with the request, before any supposition. */
  readonly host: PacketWalk;
}

/** Walks a client's packet through the host to the container that publishes a port, and the answer back. */
export const walkInbound = (input: InboundInput): InboundWalk | null => {
  const { places, states, packet, container } = input;
  const host = states[places.host.netns];
  if (!host) return null;
  const first = throughHost(places, host, packet);
  const isLed = first.packet.oif === places.oif && (!container || first.packet.destination === container.address);
  const end = first.end === 'delivered' ? 'host' : isLed ? 'container' : 'elsewhere';
  const ended = { steps: first.steps, end, packet: first.packet, host: first } as const;
  if (end === 'container') return { ...ended, steps: [...first.steps, ...inContainer(input, first)] };
  if (!container) return ended;
  const port =
    container.port ?? (first.packet.destination === packet.destination ? null : first.packet.destinationPort);
  const here = first.steps.filter((step) => !isOnWayOn(step));
  if (port === null) return { ...ended, steps: here };
  const led = { ...packet, destination: container.address, destinationPort: port };
  const supposed = throughHost(places, host, led);
  const steps = [...here, ...supposed.steps.filter(isOnWayOn), ...inContainer(input, supposed)];
  return { ...ended, steps };
};

/** What the host decides about a packet after it knows that it is not for itself. */
const isOnWayOn = ({ stage }: WalkStep): boolean => stage === 'forward' || stage === 'postrouting';

const throughHost = ({ host: at, iif, oif }: InboundPlaces, state: NetnsState, packet: HookPacket): PacketWalk => {
  const place: StepPlace = { ...at, way: 'forward' };
  return iif === null
    ? walkSent({ place, state, packet, connection: null })
    : walkReceived({ place, state, packet: { ...packet, iif }, connection: null, fallbackDevice: oif });
};

/** The container takes the request and answers, and the host takes the answer back to the client. */
const inContainer = ({ places, states }: InboundInput, request: PacketWalk): readonly WalkStep[] => {
  const { device } = places.container;
  const place = { link: places.container.link, netns: 'target' };
  const connection = connectionOf(request.entered, request.packet);
  const target = states['target'];
  const steps: WalkStep[] = [];
  let reply = replyTo(request.packet);
  if (target) {
    const arrived = walkReceived({
      place: { ...place, way: 'forward' },
      state: target,
      packet: { ...request.packet, iif: device, oif: null, mark: 0 },
      connection: null,
      expects: 'local',
    });
    const answered = walkSent({
      place: { ...place, way: 'return' },
      state: target,
      packet: reply,
      connection: connectionOf(arrived.entered, arrived.packet),
      fallbackDevice: device,
    });
    steps.push(...arrived.steps, ...serviceStep(place, target, arrived.packet, device), ...answered.steps);
    reply = answered.packet;
  }
  const host = states[places.host.netns];
  if (!host) return steps;
  const back = walkReceived({
    place: { ...places.host, way: 'return' },
    state: host,
    packet: { ...reply, iif: places.oif, mark: 0 },
    connection,
    expects: places.iif === null ? 'local' : 'forward',
    fallbackDevice: places.iif,
  });
  return [...steps, ...back.steps];
};

const serviceStep = (
  place: Omit<StepPlace, 'way'>,
  state: NetnsState,
  packet: HookPacket,
  device: string | null,
): readonly WalkStep[] => {
  const answer = state.sockets.ok ? serviceFor(state.sockets.value, packet) : null;
  if (answer === null) return [];
  const outcome = answer.listens === 'yes' ? 'pass' : 'reject';
  return [{ ...place, way: 'forward', stage: 'socket', device, outcome, detail: { kind: 'service', answer } }];
};
