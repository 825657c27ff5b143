import type { Way } from '../model/flow.js';
import type { HookPacket } from '../netfilter/types.js';
import { aroundIp, asksIp } from './br-netfilter.js';
import type { WalkInput } from './flow-walk-types.js';
import { type FrameHeaders, type Passage, type Passed, passFrames } from './frame-hooks.js';
import { linkMac } from './link-mac.js';

/** A packet at the IP stack of a namespace. */
export interface Entry extends Passed {
  /** The hooks of the bridge that come after PREROUTING, where br_netfilter asks that; `null` where none do. */
  readonly within: ((packet: HookPacket) => Passed) | null;
}

/**
 * Sends a packet through the hooks on its way up to an IP stack, which it enters by `iif`. A frame that br_netfilter takes
 * off the bridge for its new destination gets the bridge's own MAC address.
 * @see br_nf_pre_routing_finish in net/bridge/br_netfilter_hooks.c
 */
export const enterStack = (
  input: Pick<WalkInput, 'states'>,
  { way, netns, iif }: { readonly way: Way; readonly netns: string; readonly iif: string | null },
  passages: readonly Passage[],
  packet: HookPacket,
  headers: FrameHeaders,
): Entry => {
  const asks = asksIp(input.states[netns], packet.family, iif);
  const [before = [], within = []] = asks ? aroundIp(passages) : [passages];
  const to = { way, to: netns };
  const entry = passFrames(input, to, before, packet, headers);
  const taken = (now: HookPacket) =>
    now.destination === entry.packet.destination ? headers : { ...headers, destination: linkMac(input, netns, iif) };
  return {
    ...entry,
    within: within.length === 0 ? null : (now) => passFrames(input, to, within, now, taken(now)),
  };
};
