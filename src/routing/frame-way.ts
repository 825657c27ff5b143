import type { Hop, Path, RouterNode } from '../model/path.js';
import type { WalkInput } from './flow-walk-types.js';
import type { Passage } from './frame-hooks.js';
import { across, atDevice, DEVICE, entering, inByPort, leaving, outByPort, type Port } from './frame-passages.js';
import { linkMac } from './link-mac.js';
import { linkNamed } from './state.js';

/** The devices between the container and the IP stack that is next to it. */
interface Ends {
  readonly device: string | null;
  readonly origin: string;
  readonly port: (Hop & { readonly ifname: string }) | null;
  /** The link between the port and what is next to it, away from the container. */
  readonly link: string;
  /** The bridge that the port belongs to, where the packets cross it. */
  readonly bridge: string | null;
  /** The port by which the bridge passes on what is not for itself: that of the other container, or that of a veth pair to a further switch. */
  readonly far: string | null;
}

/** The hops from the container's end on: a path that leads to a container has it at its end. */
const fromContainer = ({ hops }: Path): { readonly hops: readonly Hop[]; readonly isInward: boolean } => {
  const isInward = hops.at(-1)?.netns === 'target' && hops[0]?.netns !== 'target';
  return { hops: isInward ? hops.toReversed() : hops, isInward };
};

const linkBetween = ({ links }: Path, one: Hop | undefined, other: Hop | undefined): string =>
  links.find(({ from, to }) => (from === one?.id && to === other?.id) || (from === other?.id && to === one?.id))?.id ??
  '';

const endsOf = ({ path, states }: WayInput, router: RouterNode | null): Ends => {
  const { hops } = fromContainer(path);
  const at = hops.findIndex(({ role }) => role === 'veth-host');
  const port = hops[at] ?? null;
  const master = masterOf(states, port);
  const next = hops[at + 1] ?? null;
  const through = next?.role === 'lower' && master !== null && masterOf(states, next) === master ? next.ifname : null;
  const isCrossed = router === null || through !== null || nearDevice({ path }, router) === master;
  const { ifname = null } = port ?? {};
  return {
    device: hops[1]?.ifname ?? null,
    origin: linkBetween(path, hops[0], hops[1]),
    port: port !== null && ifname !== null ? { ...port, ifname } : null,
    link: linkBetween(path, port ?? undefined, hops[at + 1]),
    bridge: isCrossed ? master : null,
    far: through ?? (router === null ? (hops.find(({ role }) => role === 'bridge-port')?.ifname ?? null) : null),
  };
};

/** The device by which a router is next to the container's side. */
export const nearDevice = ({ path }: Pick<WalkInput, 'path'>, router: RouterNode): string | null =>
  fromContainer(path).isInward ? router.oif : router.iif;

/** The container's device, and the link between it and its socket. */
export const containerEnd = ({ path }: Pick<WalkInput, 'path'>) => {
  const { hops } = fromContainer(path);
  return { device: hops[1]?.ifname ?? null, link: linkBetween(path, hops[0], hops[1]) };
};

/** The container's MAC address, and that of the router or container at the other end of its link. */
export const endMacs = (input: WayInput, router: RouterNode | null) => {
  const { hops } = fromContainer(input.path);
  const at = hops.findIndex(({ role }) => role === 'bridge-port');
  const macAt = (hop: Hop | undefined) => (hop ? linkMac(input, hop.netns, hop.ifname) : null);
  return {
    container: macAt(hops[1]),
    far:
      router !== null ? linkMac(input, router.netns, nearDevice(input, router)) : at < 0 ? null : macAt(hops[at + 1]),
  };
};

const masterOf = (states: WalkInput['states'], port: Hop | null): string | null => {
  const links = port ? states[port.netns]?.links : undefined;
  return links?.ok ? (linkNamed({ links: links.value }, port?.ifname ?? null)?.master ?? null) : null;
};

type WayInput = Pick<WalkInput, 'path' | 'states'>;

/** The port by which the container is on a bridge next to the router's IP stack; `null` where it is on none. */
export const ownPort = (input: WayInput, router: RouterNode | null): Port | null => {
  const { port, link, bridge, far } = endsOf(input, router);
  const isNextToRouter = router === null || far === null;
  return port === null || bridge === null || !isNextToRouter
    ? null
    : { netns: port.netns, link, bridge, port: port.ifname };
};

/** The port by which a client's packets come in by a bridge of this host, on a path that leads to a container. */
export const clientPort = (input: WayInput, router: RouterNode): Port | null =>
  fromContainer(input.path).isInward ? portBeside(input, router, 'from') : null;

/**
 * The port of the bridge that is a router's device on the way it comes from or goes to: the one that the path names.
 * `null` where that device is no bridge: a bond has members as well, and no hooks for frames.
 */
export const portBeside = ({ path, states }: WayInput, router: RouterNode, side: 'from' | 'to'): Port | null => {
  const end = path.links.find(({ id }) => id === router.link)?.[side];
  const at = path.hops.findIndex(({ id }) => id === end);
  const [bridge, port] = [path.hops[at], path.hops[side === 'to' ? at + 1 : at - 1]];
  if (!bridge?.ifname || !port?.ifname || port.netns !== router.netns) return null;
  const links = states[port.netns]?.links;
  const isBridge = links?.ok && linkNamed({ links: links.value }, bridge.ifname)?.kind === 'bridge';
  return isBridge && masterOf(states, port) === bridge.ifname
    ? { netns: port.netns, link: linkBetween(path, port, bridge), bridge: bridge.ifname, port: port.ifname }
    : null;
};

/** The hooks of the device by which a packet comes into a router or leaves it, and of the bridge that the device may be. */
export const atEnd = (
  input: WayInput,
  router: RouterNode,
  side: 'from' | 'to',
  hook: 'ingress' | 'egress',
  device: string | null,
): readonly Passage[] => {
  const port = portBeside(input, router, side);
  if (port?.bridge !== device) return atDevice(router, hook, device);
  return hook === 'ingress' ? inByPort(port, router.link) : outByPort(port, router.link);
};

/** The hooks of devices and of the bridge from the container to the IP stack, or to the container, next to it. */
export const wayOut = (input: WayInput, router: RouterNode | null): readonly Passage[] => {
  const { device, origin, port, link, bridge, far } = endsOf(input, router);
  const first: Passage = {
    ...DEVICE,
    netns: 'target',
    link: origin,
    stage: 'postrouting',
    hook: 'egress',
    oif: device,
  };
  if (port === null) return [first];
  const { netns, ifname } = port;
  if (bridge === null) return [first, { ...DEVICE, netns, link, stage: 'prerouting', hook: 'ingress', iif: ifname }];
  const own: Port = { netns, link, bridge, port: ifname };
  if (router !== null && far === null) return [first, ...inByPort(own, router.link)];
  return [first, ...(far === null ? entering(own) : across(own, { ...own, port: far }))];
};

/** The same hooks the other way: from the IP stack, or the other container, to the container. */
export const wayIn = (input: WayInput, router: RouterNode | null): readonly Passage[] => {
  const { device, origin, port, link, bridge, far } = endsOf(input, router);
  const last: Passage = {
    ...DEVICE,
    netns: 'target',
    link: origin,
    stage: 'prerouting',
    hook: 'ingress',
    iif: device,
  };
  if (port === null) return [last];
  const { netns, ifname } = port;
  if (bridge === null) return [{ ...DEVICE, netns, link, stage: 'postrouting', hook: 'egress', oif: ifname }, last];
  const own: Port = { netns, link, bridge, port: ifname };
  if (router !== null && far === null) return [...outByPort(own, router.link), last];
  return [...(far === null ? leaving(own) : across({ ...own, port: far }, own)), last];
};
