import type { Way } from '../model/flow.js';
import type { Hook, HookPacket } from '../netfilter/types.js';
import { aroundIp, asksIp } from './br-netfilter.js';
import { asTracked, type Connection, connectionOf, rewriteTracked } from './connection.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { type Passage, passFrames } from './frame-hooks.js';
import { atDevice, takenUp } from './frame-passages.js';
import { endMacs, wayIn, wayOut } from './frame-way.js';
import { linkMac } from './link-mac.js';
import { walkReceived } from './walk-packet.js';
import { hookStep, type StepPlace } from './walk-steps.js';

/** A frame after the hooks of a bridge. */
export interface BridgedWalk {
  readonly steps: readonly WalkStep[];
  readonly packet: HookPacket;
  readonly connection: Connection | null;
  /** `routed`: it was given a destination that is not on the bridge, or that routing refuses, so it went up to IP. */
  readonly end: 'bridged' | 'routed';
}

const ROUTING: ReadonlySet<WalkStep['detail']['kind']> = new Set(['route', 'forwarding', 'reverse-path', 'address']);

const isRefusal = ({ outcome, detail }: WalkStep): boolean => outcome !== 'pass' && ROUTING.has(detail.kind);

/**
 * A packet that one bridge passes from port to port, from device to device of the two containers. With br_netfilter
 * it meets, between the hooks of the bridge, the IP hooks of the bridge's namespace, with the bridge as both devices. A frame
 * whose destination changes, be it an answer that is translated back, is routed, although it then stays on the bridge.
 * @see net/bridge/br_netfilter_hooks.c; sysctl net.bridge.bridge-nf-call-iptables
 */
export const walkBridged = (input: WalkInput, frame: HookPacket, way: Way, known: Connection | null): BridgedWalk => {
  const between = input.path.links.find((link) => link.stages.includes('bridge-forward'));
  const [first, second] = ['from', 'to'].map((end) =>
    input.path.hops.find((hop) => hop.id === between?.[end as 'from' | 'to']),
  );
  const state = first && input.states[first.netns];
  const links = state?.links.ok ? state.links.value : [];
  const bridge = links.find((link) => link.ifname === first?.ifname)?.master ?? null;
  const ends = endMacs(input, null);
  const headers =
    way === 'forward'
      ? { source: ends.container, destination: ends.far }
      : { source: ends.far, destination: ends.container };
  const passages = way === 'forward' ? wayOut(input, null) : wayIn(input, null);
  const end = passages.at(-1)?.netns ?? 'target';
  const pass = (through: readonly Passage[], packet: HookPacket, to: string, macs = headers) =>
    passFrames(input, { way, to }, through, packet, macs);
  if (!between || !state || !second || !asksIp(state, frame.family, bridge) || bridge === null)
    return { ...pass(passages, frame, end), connection: null, end: 'bridged' };

  const { netns } = first;
  const place: StepPlace = { way, link: between.id, netns };
  const [physIn, physOut] = way === 'forward' ? [first.ifname, second.ifname] : [second.ifname, first.ifname];
  const at = (hook: Hook, entering: HookPacket) =>
    hookStep(place, hook, hook, entering, state, rewriteTracked(known, hook));
  const [toPrerouting = [], toForward = [], toPostrouting = [], out = []] = aroundIp(passages);

  const toBridge = { ...headers, destination: linkMac(input, netns, bridge) };
  // An answer to a translated address is sent to the bridge, and gets the container's MAC address where it is translated back.
  const atFirst = known !== null && known.original.source !== known.translated.source ? toBridge : headers;
  const come = pass(toPrerouting, frame, netns, atFirst);
  const entering = { ...come.packet, iif: bridge, oif: null, physIn };
  const packet = asTracked(entering, known);
  const pre = at('prerouting', packet);
  if (pre.packet.destination !== packet.destination && physIn !== null) {
    const up = [...toForward.slice(0, 1), ...takenUp({ netns, link: between.id, bridge, port: physIn }, between.id)];
    const within = (now: HookPacket) => passFrames(input, { way, to: netns }, up, now, toBridge);
    const walk = walkReceived({ place, state, packet: entering, connection: known, within });
    if (walk.packet.oif !== bridge || walk.steps.some(isRefusal)) {
      const left = pass(atDevice(place, 'egress', walk.packet.oif), walk.packet, netns);
      const steps = [...come.steps, ...walk.steps, ...left.steps];
      return { steps, packet: walk.packet, connection: connectionOf(walk.entered, walk.packet), end: 'routed' };
    }
  }
  const translated = pass(toForward.slice(0, 1), pre.packet, netns, atFirst);
  const crossed = pass(toForward.slice(1), translated.packet, netns);
  const forward = at('forward', { ...crossed.packet, oif: bridge, physOut });
  const leaving = pass(toPostrouting, forward.packet, netns);
  const post = at('postrouting', { ...leaving.packet, iif: null });
  const gone = pass(out, post.packet, end);
  return {
    steps: [
      ...come.steps,
      pre.step,
      ...translated.steps,
      ...crossed.steps,
      forward.step,
      ...leaving.steps,
      post.step,
      ...gone.steps,
    ],
    packet: gone.packet,
    connection: connectionOf(packet, post.packet),
    end: 'bridged',
  };
};
