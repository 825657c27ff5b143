import type { Stage } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import { loadNetfilter } from '../netfilter/load.js';
import { walkFilters } from '../netfilter/tc/walk-filters.js';
import type { AnyHook, Frame, HookPacket, Layer } from '../netfilter/types.js';
import { type BridgePart, walkFrameHook } from '../netfilter/walk-hook.js';
import type { StepOf, WalkInput, WalkStep } from './flow-walk-types.js';
import { contextOf, OUTCOME, type StepPlace } from './walk-steps.js';

/** One hook that a frame passes, outside those that an IP packet passes. */
export interface Passage {
  readonly netns: string;
  readonly link: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly hook: AnyHook;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly bridgeIn?: string | null;
  readonly bridgeOut?: string | null;
  /** The part of a bridge's hook, where br_netfilter asks the rules of IP within it. */
  readonly part?: BridgePart;
}

/** What the frame carries and whose it is. */
export interface FrameHeaders {
  readonly source: string | null;
  readonly destination: string | null;
  readonly arp?: Frame['arp'];
  /** Link on which packets wait for the answer to this frame; absent for the packets themselves. */
  readonly waits?: string;
}

/** A packet after hooks outside IP, and what they said of it. */
export interface Passed {
  readonly steps: readonly WalkStep[];
  readonly packet: HookPacket;
}

/**
 * Sends a packet through hooks in their order. There is a step only where a chain sees the frame. What rules change, such as
 * the mark, the hooks that follow see, those of IP too; the mark does not cross from one namespace to another.
 * @param to the namespace that the packet is in afterwards
 * @see skb_scrub_packet in net/core/skbuff.c
 */
export const passFrames = (
  input: Pick<WalkInput, 'states'>,
  { way, to }: { readonly way: StepPlace['way']; readonly to: string },
  passages: readonly Passage[],
  packet: HookPacket,
  headers: FrameHeaders,
): Passed => {
  const steps: WalkStep[] = [];
  let [now, at] = [packet, passages[0]?.netns ?? to];
  for (const passage of passages) {
    if (passage.netns !== at) now = unmarked(now);
    at = passage.netns;
    const state = input.states[at];
    if (state === undefined) continue;
    const entering = asFrame(passage, now, headers);
    const filters = filterStep(state, way, passage, entering, headers);
    if (passage.hook === 'ingress') steps.push(...filters);
    const step = frameStep(state, way, passage, entering, headers);
    if (step !== null) {
      const { mark, source, destination, connection } = step.detail.walk.packet;
      now = { ...now, mark, source, destination };
      if (connection === 'untracked' && entering.connection !== 'untracked' && step.detail.layer !== 'ip')
        now = { ...now, isSpared: true };
      if (!isSilent(step)) steps.push(step);
    }
    if (passage.hook === 'egress') steps.push(...filters);
  }
  return { steps, packet: to === at ? now : unmarked(now) };
};

/** The packet when it has left its namespace: the mark stays behind, and what was said of its tracking. */
export const unmarked = (packet: HookPacket): HookPacket => {
  if (packet.mark === 0 && packet.isSpared === undefined) return packet;
  const { isSpared: _spared, ...left } = packet;
  return { ...left, mark: 0 };
};

/** The steps of a frame that is no packet of the flow. */
export const frameSteps = (
  input: Pick<WalkInput, 'states'>,
  way: StepPlace['way'],
  passages: readonly Passage[],
  packet: HookPacket,
  headers: FrameHeaders,
): readonly WalkStep[] => passFrames(input, { way, to: '' }, passages, packet, headers).steps;

const asFrame = (
  { iif, oif, bridgeIn = null, bridgeOut = null }: Passage,
  packet: HookPacket,
  { source, destination, arp = null }: FrameHeaders,
): HookPacket => {
  const frame: Frame = { macDestination: destination, bridgeIn, bridgeOut, arp };
  return { ...packet, iif, oif, macSource: source, physIn: null, physOut: null, frame };
};

/** Neighbour discovery meets the rules of IP as well: that they let it pass goes without saying. */
const isSilent = ({ detail }: FrameStep): boolean =>
  detail.layer === 'ip' && detail.walk.drops.length + (detail.walk.possibleDrops ?? []).length === 0;

type FrameStep = StepOf<'frame'>;

const frameStep = (
  state: NetnsState,
  way: StepPlace['way'],
  { netns, link, stage, layer, hook, iif, oif, part }: Passage,
  entering: HookPacket,
  { waits = link }: FrameHeaders,
): FrameStep | null => {
  const walk = walkFrameHook(loadNetfilter(state), layer, hook, entering, contextOf(state), part);
  if (walk === null) return null;
  const detail = { kind: 'frame', layer, waits, packet: entering, walk } as const;
  return { way, link, stage, netns, device: oif ?? iif, outcome: OUTCOME[walk.verdict], detail };
};

/**
 * What the tc filters of a device do with the frame: before its netfilter hook where it comes in, after it where it
 * leaves. There is a step only where the device has filters.
 * @see __netif_receive_skb_core() and __dev_queue_xmit() in net/core/dev.c
 */
const filterStep = (
  { tcFilters }: NetnsState,
  way: StepPlace['way'],
  { netns, link, layer, hook, iif, oif }: Passage,
  entering: HookPacket,
  { waits }: FrameHeaders,
): readonly WalkStep[] => {
  const device = oif ?? iif;
  if (layer !== 'netdev' || (hook !== 'ingress' && hook !== 'egress') || !tcFilters?.ok) return [];
  const filters = tcFilters.value.filter((filter) => filter.dev === device && filter.hook === hook);
  if (filters.length === 0) return [];
  const walk = walkFilters(filters, hook, entering);
  const detail = {
    kind: 'filter',
    waits: waits ?? link,
    forNeighbour: waits !== undefined,
    packet: entering,
    walk,
  } as const;
  return [{ way, link, stage: 'tc', netns, device, outcome: walk.verdict, detail }];
};
