import ipaddr from 'ipaddr.js';
import type { NetnsState } from '../../src/model/state.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import { asTracked } from '../../src/routing/connection.js';
import type { StepOf, WalkStep } from '../../src/routing/flow-walk-types.js';
import { hookStep, type StepPlace } from '../../src/routing/walk-steps.js';

const isHook = (step: WalkStep): step is StepOf<'hook'> => step.detail.kind === 'hook';
const isRoute = (step: WalkStep): step is StepOf<'route'> => step.detail.kind === 'route';

/** Link-local address of a device of the host, from which redirects come. */
const linkLocal = ({ addresses }: NetnsState, device: string): string | null =>
  addresses.ok
    ? (addresses.value.find(({ ifname, scope, family }) => ifname === device && scope === 'link' && family === 6)
        ?.local ?? null)
    : null;

const isNeighbour = ({ addresses }: NetnsState, device: string, address: string): boolean =>
  addresses.ok &&
  addresses.value.some(
    ({ ifname, family, local, prefixLength }) =>
      ifname === device &&
      family === 6 &&
      ipaddr.parse(address).match(ipaddr.parse(local) as ipaddr.IPv6, prefixLength),
  );

const MOST = 1280;
const [IP, MESSAGE, LINK_OPTION, OPTION] = [40, 40, 8, 8];

/** The redirect quotes as much of the packet as fits, in units of eight bytes. */
const lengthAbout = (length: number): number =>
  IP + MESSAGE + LINK_OPTION + (Math.min(MOST - IP - MESSAGE - LINK_OPTION, length + OPTION) & ~7);

/**
 * The redirect that the host may send about an IPv6 packet that it forwards, as its OUTPUT sees it: where the packet leaves
 * by the device that it came in by, which is for IPv6 the one that it leaves by if br_netfilter has routed it already, and the
 * destination is a neighbour. Whether it is sent hangs on the tokens that the kernel keeps for each sender, which nothing
 * shows. It belongs to no connection.
 * @param steps of the packet in the host, up to where it ends
 * @see ip6_forward in net/ipv6/ip6_output.c, ndisc_send_redirect in net/ipv6/ndisc.c, ipv6_rcv in net/ipv6/ip6_input.c
 */
const redirectAbout = (state: NetnsState, steps: readonly WalkStep[]): HookPacket | null => {
  const pre = steps.filter(isHook).find(({ detail }) => detail.walk.hook === 'prerouting');
  const forward = steps.filter(isHook).find(({ detail }) => detail.walk.hook === 'forward');
  const { answer } = steps.find(isRoute)?.detail ?? {};
  if (pre === undefined || forward === undefined || answer === undefined) return null;
  const { packet: entered, walk } = pre.detail;
  const { iif } = entered;
  const wasRouted = entered.physIn !== null && walk.packet.destination !== entered.destination;
  if (entered.family !== 6 || iif === null || !(wasRouted || answer.dev === iif) || answer.gateway !== null)
    return null;
  const source = linkLocal(state, iif);
  if (source === null || !isNeighbour(state, iif, walk.packet.source)) return null;
  return {
    ...entered,
    ...asTracked({ ...entered, protocol: 'icmp', icmp: { type: 137, code: 0 }, tcpFlags: [] }, null),
    source,
    destination: walk.packet.source,
    sourcePort: null,
    destinationPort: null,
    iif: null,
    oif: iif,
    physIn: null,
    physOut: null,
    mark: 0,
    length: lengthAbout(entered.length),
    ttl: 255,
    macSource: null,
  };
};

/** The redirect about a packet through the host's OUTPUT and POSTROUTING; `null` where none can be sent. */
export const walkRedirect = (
  place: StepPlace,
  state: NetnsState,
  steps: readonly WalkStep[],
): { readonly steps: readonly WalkStep[]; readonly packet: HookPacket; readonly isRerouted: boolean } | null => {
  const redirect = redirectAbout(state, steps);
  if (redirect === null) return null;
  const output = hookStep(place, 'output', 'output', redirect, state);
  const post = hookStep(place, 'postrouting', 'postrouting', output.packet, state);
  return { steps: [output.step, post.step], packet: post.packet, isRerouted: output.walk.reroutes === true };
};
