import type { Stage } from '../model/path.js';
import type { NetnsState } from '../model/state.js';
import { loadNetfilter } from '../netfilter/load.js';
import { walkFilters } from '../netfilter/tc/walk-filters.js';
import type { AnyHook, Frame, HookPacket, HookWalk, Layer } from '../netfilter/types.js';
import { walkFrameHook } from '../netfilter/walk-hook.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
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
}

/** What the frame carries and whose it is. */
export interface FrameHeaders {
  readonly source: string | null;
  readonly destination: string | null;
  readonly arp?: Frame['arp'];
  /** Link on which packets wait for the answer to this frame; absent for the packets themselves. */
  readonly waits?: string;
}

/** Sends a frame through hooks in their order. There is a step only where a chain sees the frame. */
export const frameSteps = (
  input: Pick<WalkInput, 'states'>,
  way: StepPlace['way'],
  passages: readonly Passage[],
  packet: HookPacket,
  headers: FrameHeaders,
): readonly WalkStep[] =>
  passages.flatMap((passage) => {
    const state = input.states[passage.netns];
    if (state === undefined) return [];
    const entering = asFrame(passage, packet, headers);
    const filter = filterStep(state, way, passage, entering);
    const hook = frameStep(state, way, passage, entering, headers);
    return passage.hook === 'ingress' ? [...filter, ...hook] : [...hook, ...filter];
  });

const asFrame = (
  { iif, oif, bridgeIn = null, bridgeOut = null }: Passage,
  packet: HookPacket,
  { source, destination, arp = null }: FrameHeaders,
): HookPacket => {
  const frame: Frame = { macDestination: destination, bridgeIn, bridgeOut, arp };
  return { ...packet, iif, oif, macSource: source, physIn: null, physOut: null, frame };
};

/** Neighbour discovery meets the rules of IP as well: that they let it pass goes without saying. */
const isPassed = ({ drops, possibleDrops = [] }: HookWalk<AnyHook>): boolean =>
  drops.length + possibleDrops.length === 0;

const frameStep = (
  state: NetnsState,
  way: StepPlace['way'],
  { netns, link, stage, layer, hook, iif, oif }: Passage,
  entering: HookPacket,
  { waits = link }: FrameHeaders,
): readonly WalkStep[] => {
  const walk = walkFrameHook(loadNetfilter(state), layer, hook, entering, contextOf(state));
  if (walk === null || (layer === 'ip' && isPassed(walk))) return [];
  const detail = { kind: 'frame', layer, waits, packet: entering, walk } as const;
  return [{ way, link, stage, netns, device: oif ?? iif, outcome: OUTCOME[walk.verdict], detail }];
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
): readonly WalkStep[] => {
  const device = oif ?? iif;
  if (layer !== 'netdev' || (hook !== 'ingress' && hook !== 'egress') || !tcFilters?.ok) return [];
  const filters = tcFilters.value.filter((filter) => filter.dev === device && filter.hook === hook);
  if (filters.length === 0) return [];
  const walk = walkFilters(filters, hook, entering);
  return [{ way, link, stage: 'tc', netns, device, outcome: walk.verdict, detail: { kind: 'filter', walk } }];
};
