import type { Hop, HopRole, Link, Path, RouterNode } from './path.js';

/** The first hop of a role, in path order. */
export const hopOf = (path: Path, role: HopRole): Hop | null => path.hops.find((hop) => hop.role === role) ?? null;

/** The link from the container's socket to its device. */
export const originLink = (path: Path): Link => {
  const first = path.links[0];
  if (!first) throw new TypeError('a path has at least one link');
  return first;
};

/** Links of the layer-2 segment between the container's device and the first router's ingress device, in path order. */
export const segmentLinks = (path: Path): readonly Link[] => {
  const end = path.routers[0] ? path.links.findIndex((link) => link.id === path.routers[0]?.link) : path.links.length;
  return path.links.slice(1, Math.max(end, 1));
};

/** The last router: the one with the uplink. */
export const lastRouter = (path: Path): RouterNode | null => path.routers.at(-1) ?? null;

/** The link on which a router takes the packet from its ingress to its egress device. */
export const linkById = (path: Path, id: string): Link | null => path.links.find((link) => link.id === id) ?? null;

/** The link from the uplink to what lies outside this host; `null` when the flow ends on this host. */
export const wireLink = (path: Path): Link | null => {
  const outside = hopOf(path, 'outside');
  return path.links.find((link) => link.to === outside?.id && link.stages.includes('wire')) ?? null;
};

/** The link by which the packet comes to a service on this host or in a container, which no capture sees; `null` elsewhere. */
export const deliveryLink = (path: Path): Link | null => {
  const service = hopOf(path, 'service');
  return path.links.find((link) => link.to === service?.id) ?? null;
};

/** Links that leave a hop other than the ones on the request's way: return-egress and alternate uplinks. */
export const sideLinks = (path: Path): readonly Link[] => {
  const side = path.hops.filter((hop) => hop.role === 'return-egress' || hop.role === 'alternate-uplink');
  return path.links.filter((link) => side.some((hop) => hop.id === link.from || hop.id === link.to));
};

/** A short name of a hop for people: its interface, or its role. */
export const hopName = (hop: Hop): string => hop.ifname ?? hop.role;
