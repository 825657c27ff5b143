import { TOO_BIG } from '../model/icmp.js';
import type { HookPacket } from '../netfilter/types.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { unmarked } from './frame-hooks.js';
import { firstPacket, replyTo } from './probe-packet.js';
import { walkReplyIntoOrigin, walkRequestFromOrigin } from './walk-origin.js';
import { walkSent } from './walk-packet.js';
import { walkReplyThrough, walkRequestThrough } from './walk-router.js';

/** Lets the route choose the router's own address. */
const UNSPECIFIED = { 4: '0.0.0.0', 6: '::' } as const;

/**
 * The way to the container of the word that a request is too big.
 * @param from the router outside that says so; `null` where the last router of the path does, before conntrack has
 * confirmed the request: the error then belongs to no connection
 */
export const walkTooBig = (input: WalkInput, from: string | null): readonly WalkStep[] => {
  const origin = walkRequestFromOrigin(input, firstPacket(input.flow, input.length));
  let request = unmarked(origin.packet);
  const crossings = input.path.routers.map((router) => {
    const crossing = walkRequestThrough(input, router, request);
    request = unmarked(crossing.packet);
    return crossing;
  });
  const last = crossings.at(-1);
  const state = last && input.states[last.router.netns];
  if (!last || !state) return [];
  const steps: WalkStep[] = [];
  const about = { ...replyTo(request), icmp: TOO_BIG[input.flow.family], protocol: 'icmp' } as const;
  let error: HookPacket = { ...about, source: from ?? UNSPECIFIED[input.flow.family] };
  if (from === null) {
    const place = { way: 'return', link: last.router.link, netns: last.router.netns } as const;
    const own = { ...error, destination: origin.packet.source };
    const sent = walkSent({ place, state, packet: own, connection: null, fallbackDevice: last.router.iif });
    steps.push(...sent.steps);
    error = unmarked(sent.packet);
  }
  for (const crossing of crossings.toReversed().slice(from === null ? 1 : 0)) {
    const back = walkReplyThrough(input, crossing, error);
    steps.push(...back.steps);
    error = unmarked(back.packet);
  }
  return [...steps, ...walkReplyIntoOrigin(input, error, origin)];
};
