import ipaddr from 'ipaddr.js';
import type { Path, RouterNode } from '../model/path.js';
import type { HookPacket } from '../netfilter/types.js';
import type { FlowWalk, WalkInput, WalkStep } from './flow-walk-types.js';
import { firstPacket, replyTo } from './probe-packet.js';
import type { RouteAnswer } from './types.js';
import { walkBridged } from './walk-bridged.js';
import { bridgeSteps, deviceSteps, neighbourStep } from './walk-devices.js';
import { walkReplyIntoOrigin, walkRequestFromOrigin } from './walk-origin.js';
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
  steps.push(
    ...neighbourStep(input, { way: 'forward', link: path.links[0]?.id ?? '', netns: 'target' }, device, nextHop),
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
      ...walkReplyIntoOrigin(input, back.packet, origin.connection),
    );
    return finish(steps, null);
  }

  let packet = origin.packet;
  const crossings = routers.map((router) => {
    const crossing = walkRequestThrough(input, router, packet);
    packet = crossing.packet;
    const place = { way: 'forward', link: router.link, netns: router.netns } as const;
    const far = crossing.route?.gateway ?? packetTo(crossing.route, packet);
    steps.push(...crossing.steps, ...neighbourStep(input, place, packet.oif, far));
    return crossing;
  });
  const atUplink: HookPacket = packet;
  steps.push(...deviceSteps(input, entry + 1, path.hops.length));

  let reply = replyTo(packet);
  for (const crossing of crossings.toReversed()) {
    const back = walkReplyThrough(input, crossing, reply);
    steps.push(...back.steps);
    reply = back.packet;
  }
  steps.push(
    ...neighbourStep(input, { way: 'return', link: first.link, netns: first.netns }, first.iif, reply.destination),
    ...bridgeSteps(input, 'return', first),
    ...walkReplyIntoOrigin(input, reply, origin.connection),
  );
  return finish(steps, atUplink);
};

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
  unknowns: steps.flatMap((step) => (step.detail.kind === 'hook' ? step.detail.walk.unknowns : [])),
});
