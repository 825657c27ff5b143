import type { Way } from '../model/flow.js';
import type { Hook, HookPacket } from '../netfilter/types.js';
import { asTracked, type Connection, connectionOf, rewriteTracked } from './connection.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { walkReceived } from './walk-packet.js';
import { hookStep, type StepPlace } from './walk-steps.js';

/** A frame after the hooks of a bridge. */
export interface BridgedWalk {
  readonly steps: readonly WalkStep[];
  readonly packet: HookPacket;
  readonly connection: Connection | null;
  /** `routed`: DNAT gave it a destination that is not on the bridge, so it went up to IP. */
  readonly end: 'bridged' | 'routed';
}

/**
 * A packet that one bridge passes from port to port. With br_netfilter and `bridge-nf-call-iptables=1` it meets the IP
 * hooks of the bridge's namespace, with the bridge as both devices; otherwise it meets none.
 * @see net/bridge/br_netfilter_hooks.c; sysctl net.bridge.bridge-nf-call-iptables
 */
export const walkBridged = (input: WalkInput, frame: HookPacket, way: Way, known: Connection | null): BridgedWalk => {
  const between = input.path.links.find((link) => link.stages.includes('bridge-forward'));
  const [first, second] = ['from', 'to'].map((end) =>
    input.path.hops.find((hop) => hop.id === between?.[end as 'from' | 'to']),
  );
  const state = first && input.states[first.netns];
  if (!between || !state || !second || !callsIptables(state, frame.family))
    return { steps: [], packet: frame, connection: null, end: 'bridged' };
  const links = state.links.ok ? state.links.value : [];
  const bridge = links.find((link) => link.ifname === first.ifname)?.master ?? null;
  const place: StepPlace = { way, link: between.id, netns: first.netns };
  const [physIn, physOut] = way === 'forward' ? [first.ifname, second.ifname] : [second.ifname, first.ifname];
  const packet = asTracked({ ...frame, mark: 0 }, known);
  const at = (hook: Hook, entering: HookPacket) =>
    hookStep(place, hook, hook, entering, state, rewriteTracked(known, hook));
  const pre = at('prerouting', { ...packet, iif: bridge, oif: null, physIn });
  if (known === null && pre.packet.destination !== packet.destination) {
    const walk = walkReceived({ place, state, packet: { ...frame, iif: bridge, physIn, mark: 0 }, connection: null });
    const connection = connectionOf(walk.entered, walk.packet);
    if (walk.packet.oif !== bridge) return { steps: walk.steps, packet: walk.packet, connection, end: 'routed' };
  }
  const forward = at('forward', { ...pre.packet, oif: bridge, physOut });
  const post = at('postrouting', { ...forward.packet, iif: null });
  return {
    steps: [pre.step, forward.step, post.step],
    packet: post.packet,
    connection: connectionOf(packet, post.packet),
    end: 'bridged',
  };
};

const callsIptables = (state: WalkInput['states'][string], family: 4 | 6): boolean =>
  state.sysctls.ok &&
  state.sysctls.value[`net.bridge.bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`] === '1';
