import type { RouterNode } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import { asksIp } from './br-netfilter.js';
import { connectionAt, connectionOf } from './connection.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { type FrameHeaders, type Passage, type Passed, passFrames } from './frame-hooks.js';
import { clientPort, endMacs, ownPort } from './frame-way.js';
import { type InboundPassages, inboundPassages } from './inbound-frames.js';
import { replyTo } from './probe-packet.js';
import { serviceFor } from './service.js';
import { neighbourStep } from './walk-devices.js';
import { type PacketWalk, walkReceived, walkSent } from './walk-packet.js';
import { askFromContainer, askFromRouter, isAsked, ownAddress } from './walk-resolution.js';
import type { StepPlace } from './walk-steps.js';

/** Where the parts of the walk lie on the path. */
export interface InboundPlaces {
  /** The host as a router of the path. */
  readonly host: RouterNode;
  /** Device the client's packet comes in by; `null` when the host itself is the client. */
  readonly iif: string | null;
  /** Device of the host that leads to the container. */
  readonly oif: string;
  readonly container: { readonly link: string; readonly device: string | null };
}

export interface InboundInput extends Pick<WalkInput, 'flow' | 'path' | 'states' | 'anew'> {
  readonly places: InboundPlaces;
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
  /** How many of the steps are the host's, up to where its IP stack sends the client's packet on. */
  readonly atHost: number;
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
  const ends = { client: places.iif, container: places.oif };
  const ways = inboundPassages(input, places.host, ends, packet.family);
  const come = toHost(input, 'forward', ways.request.before, packet, NO_MACS);
  const through = (entering: HookPacket): PacketWalk => throughHost(input, host, ways, entering);
  const first = through(come.packet);
  const isLed = first.packet.oif === places.oif && (!container || first.packet.destination === container.address);
  const end = first.end === 'delivered' ? 'host' : isLed ? 'container' : 'elsewhere';
  const ended = { end, packet: first.packet, host: first } as const;
  const result = (own: readonly WalkStep[], behind: readonly WalkStep[]): InboundWalk => {
    const steps = [...come.steps, ...own];
    return { ...ended, steps: [...steps, ...behind], atHost: steps.length };
  };
  if (end === 'container') return result(first.steps, inContainer(input, ways, first));
  if (!container) return result(first.steps, []);
  const port =
    container.port ?? (first.packet.destination === packet.destination ? null : first.packet.destinationPort);
  const here = first.steps.filter((step) => !isOnWayOn(step));
  if (port === null) return result(here, []);
  const supposed = through({ ...come.packet, destination: container.address, destinationPort: port });
  return result([...here, ...supposed.steps.filter(isOnWayOn)], inContainer(input, ways, supposed));
};

const NO_MACS: FrameHeaders = { source: null, destination: null };

/** What the host decides about a packet after it knows that it is not for itself. */
const isOnWayOn = ({ stage }: WalkStep): boolean => stage === 'forward' || stage === 'postrouting';

const toHost = (
  { states, places }: InboundInput,
  way: StepPlace['way'],
  passages: readonly Passage[],
  packet: HookPacket,
  headers: FrameHeaders,
): Passed => passFrames({ states }, { way, to: places.host.netns }, passages, packet, headers);

const throughHost = (input: InboundInput, state: NetnsState, ways: InboundPassages, packet: HookPacket): PacketWalk => {
  const { host, iif, oif } = input.places;
  const place: StepPlace = { netns: host.netns, link: host.link, way: 'forward' };
  const connection = connectionAt(input, state, packet);
  if (iif === null) return walkSent({ place, state, packet, connection });
  const port = asksIp(state, packet.family, iif) ? clientPort(input, host) : null;
  return walkReceived({
    place,
    bridgeLink: port?.link ?? null,
    state,
    packet: { ...packet, iif, physIn: port?.port ?? null },
    connection,
    fallbackDevice: oif,
    within: (now) => toHost(input, 'forward', ways.request.within, now, NO_MACS),
  });
};

/** The container takes the request and answers, and the host takes the answer back to the client. */
const inContainer = (input: InboundInput, ways: InboundPassages, request: PacketWalk): readonly WalkStep[] => {
  const { places, states } = input;
  const { device } = places.container;
  const place = { link: places.container.link, netns: 'target' };
  const connection = connectionOf(request.entered, request.packet);
  const target = states['target'];
  const macs = endMacs(input, places.host);
  const forth = { source: macs.far, destination: macs.container };
  const isUnknown = isContainerUnknown(input, request.packet);
  const asking = isUnknown ? askContainer(input, request.packet, macs) : [];
  const come = passFrames(input, { way: 'forward', to: 'target' }, ways.request.after, request.packet, forth);
  const steps: WalkStep[] = [...asking, ...come.steps];
  let reply = replyTo(request.packet);
  if (target) {
    const arrived = walkReceived({
      place: { ...place, way: 'forward' },
      state: target,
      packet: { ...come.packet, iif: device, oif: null },
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
    // Who was asked knows who asked.
    if (!isUnknown) steps.push(...askHost(input, answered, macs));
  }
  const host = states[places.host.netns];
  if (!host) return steps;
  const back = toHost(input, 'return', ways.reply.before, reply, {
    source: macs.container,
    destination: macs.far,
  });
  const port = asksIp(host, reply.family, places.oif) ? ownPort(input, places.host) : null;
  const returned = walkReceived({
    place: { netns: places.host.netns, link: places.host.link, way: 'return' },
    state: host,
    bridgeLink: port?.link ?? null,
    packet: { ...back.packet, iif: places.oif, physIn: port?.port ?? null },
    connection,
    expects: places.iif === null ? 'local' : 'forward',
    fallbackDevice: places.iif,
    within: (now) => toHost(input, 'return', ways.reply.within, now, NO_MACS),
  });
  const left = toHost(input, 'return', ways.reply.after, returned.packet, NO_MACS);
  return [...steps, ...back.steps, ...returned.steps, ...left.steps];
};

type Macs = ReturnType<typeof endMacs>;

const isContainerUnknown = (input: InboundInput, { destination }: HookPacket): boolean => {
  const { host, oif } = input.places;
  return isAsked(neighbourStep(input, { way: 'forward', link: host.link, netns: host.netns }, oif, destination));
};

/** The hooks of the host's question for the container's MAC address, where it does not know it. */
const askContainer = (input: InboundInput, packet: HookPacket, macs: Macs): readonly WalkStep[] => {
  const { host, oif } = input.places;
  return askFromRouter(input, 'forward', host, packet, ownAddress(input, host.netns, oif, packet), macs);
};

/** The hooks of the container's question for its next hop's. */
const askHost = (input: InboundInput, answered: PacketWalk, macs: Macs): readonly WalkStep[] => {
  const { device, link } = input.places.container;
  const nextHop = answered.route?.gateway ?? answered.packet.destination;
  if (!isAsked(neighbourStep(input, { way: 'return', link, netns: 'target' }, device, nextHop))) return [];
  return askFromContainer(input, 'return', input.places.host, answered.packet, nextHop, macs);
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
