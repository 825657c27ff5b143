import ipaddr from 'ipaddr.js';
import type { Path, RouterNode } from '../model/path.js';
import type { HookPacket } from '../netfilter/types.js';
import type { FlowWalk, WalkInput, WalkStep } from './flow-walk-types.js';
import { enterStack } from './frame-entry.js';
import { type FrameHeaders, frameSteps, passFrames, unmarked } from './frame-hooks.js';
import { atEnd, endMacs, wayIn, wayOut } from './frame-way.js';
import { linkMac } from './link-mac.js';
import { firstPacket, replyTo } from './probe-packet.js';
import type { RouteAnswer } from './types.js';
import { walkBridged } from './walk-bridged.js';
import { bridgeSteps, deviceSteps, neighbourStep, portSteps } from './walk-devices.js';
import { walkReplyIntoOrigin, walkRequestFromOrigin } from './walk-origin.js';
import { askFromContainer, askFromRouter, askUplink, isAsked, ownAddress } from './walk-resolution.js';
import { walkReplyThrough, walkRequestThrough } from './walk-router.js';

/**
 * Walks one packet of the flow from the container's socket to the wire and its answer back, through every route,
 * forwarding switch, reverse-path check and netfilter hook on the path.
 */
export const walkFlow = (input: WalkInput): FlowWalk => {
  const { flow, path } = input;
  const steps: WalkStep[] = [];
  const origin = walkRequestFromOrigin(input, firstPacket(flow, input.length));
  steps.push(...origin.steps);

  if (ipaddr.parse(origin.packet.source).range() === 'unspecified') return finish(steps, null);

  const routers = flow.kind === 'to-host' ? hostAsRouter(path) : path.routers;
  const first = routers[0] ?? null;
  const device = path.hops[1]?.ifname ?? null;
  const nextHop = origin.route?.gateway ?? packetTo(origin.route, flow) ?? gatewayOf(input, first, origin.packet);
  const entry = first === null ? path.hops.length : hopBefore(path, first);
  const at = { way: 'forward', link: path.links[0]?.id ?? '', netns: 'target' } as const;
  const neighbour = neighbourStep(input, at, device, nextHop);
  const isUnknown = isAsked(neighbour);
  const macs = endMacs(input, first);
  steps.push(
    ...neighbour,
    ...(isUnknown && nextHop !== null ? askFromContainer(input, 'forward', first, origin.packet, nextHop, macs) : []),
    ...deviceSteps(input, 1, entry + 1),
    ...bridgeSteps(input, 'forward', first),
  );
  if (first === null) {
    const there = walkBridged(input, origin.packet, 'forward', null);
    if (there.end === 'routed') return finish([...steps, ...there.steps], there.packet);
    const back = walkBridged(input, replyTo(there.packet), 'return', there.connection);
    steps.push(
      ...there.steps,
      ...back.steps,
      ...bridgeSteps(input, 'return', null),
      ...walkReplyIntoOrigin(input, back.packet, origin),
    );
    return finish(steps, null);
  }

  const entering = { way: 'forward', netns: first.netns, iif: first.iif } as const;
  const arrived = enterStack(input, entering, wayOut(input, first), origin.packet, frameTo(macs.container, macs.far));
  steps.push(...arrived.steps);
  let packet = arrived.packet;
  const crossings = routers.map((router) => {
    const at = { way: 'forward', netns: router.netns, iif: router.iif } as const;
    const come =
      router === first
        ? { ...arrived, steps: [] }
        : enterStack(input, at, atEnd(input, router, 'from', 'ingress', router.iif), unmarked(packet), NO_MACS);
    const crossing = walkRequestThrough(input, router, come.packet, come.within);
    packet = crossing.packet;
    const place = { way: 'forward', link: router.link, netns: router.netns } as const;
    const far = crossing.route?.gateway ?? packetTo(crossing.route, packet);
    const beyond = neighbourStep(input, place, packet.oif, far);
    const nextMac = macOfNext(beyond);
    const asks = isAsked(beyond) && far !== null;
    steps.push(
      ...come.steps,
      ...crossing.steps,
      ...beyond,
      ...(asks ? askUplink(input, router, packet, ownAddress(input, router.netns, packet.oif, packet), far) : []),
      ...portSteps(input, 'forward', router, nextMac),
      ...frameSteps(
        input,
        'forward',
        atEnd(input, router, 'to', 'egress', packet.oif),
        packet,
        frameTo(linkMac(input, router.netns, packet.oif), nextMac),
      ),
    );
    return { ...crossing, nextMac };
  });
  const atUplink: HookPacket = packet;
  steps.push(...deviceSteps(input, entry + 1, path.hops.length));

  let reply = replyTo(packet);
  for (const crossing of crossings.toReversed()) {
    const { router } = crossing;
    const iif = flow.kind === 'to-host' ? null : crossing.packet.oif;
    const at = { way: 'return', netns: router.netns, iif } as const;
    const from = router === routers.at(-1) ? input.replyMac : null;
    const headers = frameTo(from, linkMac(input, router.netns, iif));
    const come = enterStack(input, at, atEnd(input, router, 'to', 'ingress', iif), unmarked(reply), headers);
    const back = walkReplyThrough(input, crossing, come.packet, come.within);
    steps.push(
      ...(iif === null ? [] : portSteps(input, 'return', router, crossing.nextMac)),
      ...come.steps,
      ...back.steps,
      ...(router === first
        ? []
        : frameSteps(input, 'return', atEnd(input, router, 'from', 'egress', router.iif), back.packet, NO_MACS)),
    );
    reply = back.packet;
  }
  const known = neighbourStep(
    input,
    { way: 'return', link: first.link, netns: first.netns },
    first.iif,
    reply.destination,
  );
  const own = ownAddress(input, first.netns, first.iif, reply);
  const homeward = { way: 'return', to: 'target' } as const;
  const home = passFrames(input, homeward, wayIn(input, first), reply, frameTo(macs.far, macs.container));
  steps.push(
    ...known,
    ...(isAsked(known) && !isUnknown ? askFromRouter(input, 'return', first, reply, own, macs) : []),
    ...bridgeSteps(input, 'return', first),
    ...home.steps,
    ...walkReplyIntoOrigin(input, home.packet, origin),
  );
  return finish(steps, atUplink);
};

const macOfNext = (steps: readonly WalkStep[]): string | null =>
  steps.flatMap(({ detail }) => (detail.kind === 'neighbour' ? [detail.entry?.lladdr ?? null] : []))[0] ?? null;

const NO_MACS: FrameHeaders = { source: null, destination: null };

const frameTo = (source: string | null, destination: string | null): FrameHeaders => ({ source, destination });

/** The destination itself, where the route leads to it without a gateway. */
const packetTo = (route: RouteAnswer | null, { destination }: { readonly destination: string }): string | null =>
  route?.outcome === 'unicast' ? destination : null;

/** Where a container without a route would send to, were that mended: the address of its router in its own subnet. */
const gatewayOf = ({ states }: WalkInput, router: RouterNode | null, { source }: HookPacket): string | null => {
  const addresses = router && states[router.netns]?.addresses;
  if (!addresses?.ok) return null;
  const own = ipaddr.parse(source);
  const near = addresses.value.find(({ ifname, local, prefixLength }) => {
    const address = ipaddr.parse(local);
    return ifname === router?.iif && address.kind() === own.kind() && own.match(address, prefixLength);
  });
  return near?.local ?? null;
};

/** Index of the hop by which the packet comes into a router. */
const hopBefore = (path: Path, { link }: RouterNode): number => {
  const from = path.links.find(({ id }) => id === link)?.from;
  return path.hops.findIndex(({ id }) => id === from);
};

/** A flow that ends at the host crosses no router; the host receives it as a router would. */
const hostAsRouter = (path: Path): readonly RouterNode[] => {
  const link = path.links.find(({ stages }) => stages.includes('prerouting') && stages.includes('input'));
  const from = path.hops.find(({ id }) => id === link?.from);
  return link && from && from.ifname !== null
    ? [{ netns: from.netns, link: link.id, iif: from.ifname, oif: null, nextHop: null }]
    : [];
};

const finish = (steps: readonly WalkStep[], atUplink: HookPacket | null): FlowWalk => ({
  steps,
  atUplink,
  unknowns: steps.flatMap(({ detail }) =>
    detail.kind === 'hook' || detail.kind === 'frame'
      ? detail.walk.unknowns
      : detail.kind === 'filter' && detail.walk.doubt !== null
        ? [{ rule: null, because: detail.walk.doubt }]
        : [],
  ),
});
