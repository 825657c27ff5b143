import { type Discovery, type InboundDiscovery, parseDestination } from '../discover/index.js';
import type { Family } from '../model/flow.js';
import type { Sighting } from '../model/packet.js';
import { linkById } from '../model/path-queries.js';
import type { NetnsState } from '../model/state.js';
import type { InboundPlan } from './plan.js';
import { type SlowReads, wholeState } from './snapshot.js';

const LENGTH = 60;

/** Family of a published place, which is an address; IPv4 for what is none and is refused later. */
export const familyOfPlace = (spelled: string): Family => parseDestination(spelled).family ?? 4;

export const isInbound = (discovery: Discovery): discovery is InboundDiscovery => 'inbound' in discovery;

/**
 * Addresses and ports that the packets may have behind the host's translation, so that captures let them pass. Waits for the
 * host's rules.
 */
export const inboundPlan = async (discovery: InboundDiscovery, slow: SlowReads): Promise<InboundPlan> => {
  const { path, flow, inbound, sender, state } = discovery;
  const host: NetnsState = wholeState({ ...state['host'], ...(await slow.of('host')) });
  const port = inbound.port ?? inbound.proxy?.port ?? null;
  const { walkToContainer } = await import('../routing/walk-published.js');
  const walk = walkToContainer({
    flow,
    path,
    states: { host },
    length: LENGTH,
    replyDevice: null,
    replyMac: null,
    container: { address: inbound.container, port },
  });
  const addresses = [inbound.container, walk?.packet.destination ?? null].flatMap((address) => address ?? []);
  const ports = [port, walk?.packet.destinationPort ?? null].flatMap((number) => number ?? []);
  return { sender, addresses: [...new Set(addresses)], ports: [...new Set(ports)] };
};

/**
 * Whether a packet that was seen at a hop is on that side of the host's translation. A client on the container's own bridge,
 * or the container itself, passes the same devices on its way in and out; a bridge of another network is passed once, and
 * with br_netfilter the packet is translated before it.
 */
export const isOnItsSide = ({ hop, kind, packet }: Sighting, { path, flow, inbound }: InboundDiscovery): boolean => {
  const [router] = path.routers;
  const into = router && linkById(path, router.link)?.to;
  const isRequest = kind === 'request';
  if (!into || !packet.ip || (!isRequest && kind !== 'reply') || flow.destination === inbound.container) return true;
  const own = path.hops.find(({ id }) => id === hop);
  if (own?.role === 'bridge' && own.ifname !== router.oif) return true;
  const at = (id: string): number => path.hops.findIndex((one) => one.id === id);
  const isTranslated = (isRequest ? packet.ip.destination : packet.ip.source) !== flow.destination;
  return at(hop) >= at(into) === isTranslated;
};
