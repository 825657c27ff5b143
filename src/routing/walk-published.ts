import { hopOf, linkById } from '../model/path-queries.js';
import type { FlowWalk, WalkInput } from './flow-walk-types.js';
import { firstPacket } from './probe-packet.js';
import { deviceSteps, neighbourStep } from './walk-devices.js';
import { type InboundPlaces, type InboundWalk, walkInbound } from './walk-inbound.js';

export interface PublishedWalkInput extends WalkInput {
  /** The container's address, and the port that its runtime says is published. */
  readonly container: { readonly address: string | null; readonly port: number | null };
}

/** Stands for any client. @see RFC 5737 */
const ANY_CLIENT = '192.0.2.1';

/** The places of a path that comes in; `null` for one that does not lead to a container. */
export const inboundPlaces = ({ path }: Pick<WalkInput, 'path'>): InboundPlaces | null => {
  const [router] = path.routers;
  const delivery = path.links.find(({ to }) => to === hopOf(path, 'service')?.id);
  const into = router && linkById(path, router.link);
  if (!router || !delivery || !into || router.oif === null) return null;
  const isHost = path.hops.find(({ id }) => id === into.from)?.role === 'socket';
  return {
    host: router,
    iif: isHost ? null : router.iif,
    oif: router.oif,
    container: { link: delivery.id, device: hopOf(path, 'container')?.ifname ?? null },
  };
};

/** The client's packet alone, as the host treats it; `null` where the path leads to no container. */
export const walkToContainer = (input: PublishedWalkInput): InboundWalk | null => {
  const { flow, length, container } = input;
  const places = inboundPlaces(input);
  if (places === null) return null;
  const made = firstPacket(flow, length);
  const source = flow.source ?? (places.iif === null ? made.source : ANY_CLIENT);
  const { address, port } = container;
  return walkInbound({
    ...input,
    places,
    packet: { ...made, source },
    container: address === null ? null : { address, port },
  });
};

/** Walks a flow that comes in to a published port, through every decision there and back. */
export const walkPublished = (input: PublishedWalkInput): FlowWalk => {
  const inbound = walkToContainer(input);
  const places = inboundPlaces(input);
  if (inbound === null || places === null) return { steps: [], atUplink: null, unknowns: [] };
  const { hops } = input.path;
  const at = { way: 'forward', link: places.host.link, netns: places.host.netns } as const;
  const own = inbound.end === 'container' ? inbound.packet.destination : input.container.address;
  const entry = hops.findIndex(({ id }) => id === linkById(input.path, places.host.link)?.to);
  const steps = [
    ...deviceSteps(input, 0, entry),
    ...inbound.steps.slice(0, inbound.atHost),
    ...neighbourStep(input, at, places.oif, own),
    ...deviceSteps(input, entry, hops.length),
    ...inbound.steps.slice(inbound.atHost),
  ];
  return {
    steps,
    atUplink: null,
    unknowns: steps.flatMap(({ detail }) =>
      detail.kind === 'hook' || detail.kind === 'frame' ? detail.walk.unknowns : [],
    ),
  };
};
