import type { Family } from '../model/flow.js';
import type { RouterNode } from '../model/path.js';
import { aroundIp, asksIp } from './br-netfilter.js';
import type { WalkInput } from './flow-walk-types.js';
import type { Passage } from './frame-hooks.js';
import { across, atDevice, inByPort, outByPort } from './frame-passages.js';
import { clientPort, ownPort, wayIn, wayOut } from './frame-way.js';

/** The hooks outside IP on one way through a host. */
export interface HostPassages {
  /** Up to its IP stack. */
  readonly before: readonly Passage[];
  /** Between PREROUTING and the route, where br_netfilter asks PREROUTING within the bridge. */
  readonly within: readonly Passage[];
  /** After the IP stack. */
  readonly after: readonly Passage[];
}

export interface InboundPassages {
  readonly request: HostPassages;
  readonly reply: HostPassages;
}

type Input = Pick<WalkInput, 'path' | 'states'>;

/**
 * The hooks outside IP that a client's packet passes on its way through the host to the container, and the answer on its way
 * back. A client on the container's own bridge is bridged by br_netfilter even where its packet is translated.
 * @param router the host, as the path has it
 * @param ends the host's devices towards the client (`null`: the host itself) and the container
 * @see br_nf_pre_routing_finish in net/bridge/br_netfilter_hooks.c
 */
export const inboundPassages = (
  input: Input,
  router: RouterNode,
  ends: { readonly client: string | null; readonly container: string },
  family: Family,
): InboundPassages => {
  const state = input.states[router.netns];
  const isNext = input.path.routers.length === 1;
  const client = ends.client === null ? null : clientPort(input, router);
  const own = isNext ? ownPort(input, router) : null;
  const into = isNext ? wayIn(input, router) : atDevice(router, 'egress', ends.container);
  const outOf = isNext ? wayOut(input, router) : atDevice(router, 'ingress', ends.container);
  if (client && own && client.bridge === own.bridge && asksIp(state, family, own.bridge)) {
    return {
      request: bridged([...across(client, own), ...into.slice(-1)]),
      reply: bridged([...outOf.slice(0, 1), ...across(own, client)]),
    };
  }
  const entrance = client ? inByPort(client, router.link) : atDevice(router, 'ingress', ends.client);
  const exit = client ? outByPort(client, router.link) : atDevice(router, 'egress', ends.client);
  return {
    request: { ...upTo(entrance, asksIp(state, family, ends.client)), after: into },
    reply: { ...upTo(outOf, asksIp(state, family, ends.container)), after: exit },
  };
};

const upTo = (passages: readonly Passage[], asks: boolean): Omit<HostPassages, 'after'> => {
  const [before = [], within = []] = asks ? aroundIp(passages) : [passages];
  return { before, within };
};

const bridged = (passages: readonly Passage[]): HostPassages => {
  const [before = [], within = [], ...after] = aroundIp(passages);
  return { before, within, after: after.flat() };
};
