import type { Flow, Way } from '../model/flow.js';
import type { NetnsId } from '../model/netns.js';
import type { HopRole, Path, Stage } from '../model/path.js';
import type { AcceptQueue, NeighbourState, NetnsState, XfrmPolicy } from '../model/state.js';
import type { FilterWalk } from '../netfilter/tc/walk-filters.js';
import type { AnyHook, HookPacket, HookWalk, Layer, UnknownMatch } from '../netfilter/types.js';
import type { BridgeAnswer } from './bridge.js';
import type { ReversePathAnswer, RouteAnswer, RouteQuery } from './types.js';

/** What a walk is made from. */
export interface WalkInput {
  readonly flow: Flow;
  readonly path: Path;
  readonly states: Readonly<Record<NetnsId, NetnsState>>;
  /** Bytes of the IP packet that is walked. */
  readonly length: number;
  /** Device of the last router by which replies were seen to come in; `null`: the one the request left by. */
  readonly replyDevice: string | null;
  /** MAC address of who sent the replies on to the last router; `null` where none was seen. */
  readonly replyMac: string | null;
  /** Walk the packet as if conntrack knew no connection of it. */
  readonly anew?: true;
}

export type StepOutcome = 'pass' | 'drop' | 'reject' | 'unknown';

/** What listens where the packet arrives. */
export interface ServiceAnswer {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** `elsewhere`: sockets have the port, but on other addresses. */
  readonly listens: 'yes' | 'elsewhere' | 'no';
  /** Addresses that sockets have this port on. */
  readonly on: readonly string[];
  /** Other ports of the namespace that answer at this address. */
  readonly otherPorts: readonly number[];
  /** Of the sockets that take the packet, the queue of connections to accept that has the most room left; absent where it was not read. */
  readonly queue?: AcceptQueue;
}

/** What one stage was asked and what it answers. */
export type StepDetail =
  | { readonly kind: 'route'; readonly query: RouteQuery; readonly answer: RouteAnswer }
  | { readonly kind: 'forwarding'; readonly device: string; readonly on: boolean; readonly all: boolean }
  | { readonly kind: 'reverse-path'; readonly device: string; readonly answer: ReversePathAnswer }
  | { readonly kind: 'address'; readonly address: string; readonly problem: string }
  | { readonly kind: 'ttl'; readonly ttl: number }
  /** The connection's source is the address of another device, by which it left before. */
  | { readonly kind: 'moved'; readonly address: string; readonly device: string }
  | { readonly kind: 'xfrm'; readonly policy: XfrmPolicy; readonly problem: 'blocked' | 'no-association' }
  | { readonly kind: 'device'; readonly problem: string | null; readonly role: HopRole }
  | { readonly kind: 'neighbour'; readonly address: string; readonly entry: NeighbourState | null }
  | { readonly kind: 'bridge'; readonly bridge: string; readonly answer: BridgeAnswer }
  | { readonly kind: 'return-device'; readonly expected: string; readonly answer: RouteAnswer }
  | { readonly kind: 'service'; readonly answer: ServiceAnswer }
  | { readonly kind: 'hook'; readonly packet: HookPacket; readonly walk: HookWalk }
  /** A hook outside IP: of a bridge, of ARP, of a device; and those of IP for neighbour discovery. */
  | {
      readonly kind: 'frame';
      readonly layer: Layer;
      /** Link on which packets are lost when this frame is: another one where they wait for a neighbour. */
      readonly waits: string;
      readonly packet: HookPacket;
      readonly walk: HookWalk<AnyHook>;
    }
  /** The tc filters of a device that the frame comes in by or leaves by. */
  | {
      readonly kind: 'filter';
      /** As of a frame. */
      readonly waits: string;
      /** Whether the frame asks for a neighbour, or answers. */
      readonly forNeighbour: boolean;
      readonly packet: HookPacket;
      readonly walk: FilterWalk;
    }
  | { readonly kind: 'unread'; readonly what: string };

/** One decision about the packet, in the order in which the kernel takes them. */
export interface WalkStep {
  readonly way: Way;
  readonly link: string;
  readonly stage: Stage;
  readonly netns: NetnsId;
  readonly device: string | null;
  readonly outcome: StepOutcome;
  readonly detail: StepDetail;
}

/**
 * The whole way of one packet and of its answer. After a step that loses the packet the walk goes on as if that step
 * were mended, so that the causes behind it are found too.
 */
export interface FlowWalk {
  readonly steps: readonly WalkStep[];
  /** The request as it leaves the last router; `null` when there is no router on the path. */
  readonly atUplink: HookPacket | null;
  readonly unknowns: readonly UnknownMatch[];
}

export type StepOf<K extends StepDetail['kind']> = WalkStep & { readonly detail: Extract<StepDetail, { kind: K }> };

/** Steps of one kind, in walk order. */
export const stepsOf = <K extends StepDetail['kind']>(walk: FlowWalk, kind: K): readonly StepOf<K>[] =>
  walk.steps.filter((step): step is StepOf<K> => step.detail.kind === kind);
