import type { LinkState } from '../model/state.js';
import { lookupRoute } from '../routing/index.js';
import { type ExtraHop, type Segment, STAGES } from './segments.js';
import { isUp, linkByName, type NetnsTopology, netnsById, type Topology } from './topology.js';
import type { Walk } from './walk.js';

const MOST_ALTERNATES = 4;

/**
 * Devices beside the path by which the reply may go or come: where a router's own route back to the container leaves by
 * another device than the request came in by, and the other uplinks of the host.
 */
export const extraHops = (walk: Walk, segments: readonly Segment[]): ExtraHop[] => {
  const returns = segments.flatMap((segment, index) => returnEgress(walk, segments, segment, index));
  return [...returns, ...alternateUplinks(walk.topology, segments, returns)];
};

const returnEgress = (walk: Walk, segments: readonly Segment[], { router }: Segment, at: number): ExtraHop[] => {
  if (router === undefined || router.oif === null || walk.source === null) return [];
  const netns = netnsById(walk.topology, router.netns);
  const { family, destination, protocol } = walk.request;
  const query = { family, protocol, destination: walk.source, source: destination, iif: router.oif, mark: 0 };
  const answer = lookupRoute(netns, query);
  const link = answer.outcome === 'unicast' ? linkByName(netns, answer.dev) : null;
  const onPath = segments.some((segment) => segment.netns === router.netns && segment.link === link);
  if (link === null || onPath) return [];
  return [{ at, segment: { role: 'return-egress', netns: router.netns, link, stages: STAGES.returning } }];
};

const alternateUplinks = (
  topology: Topology,
  segments: readonly Segment[],
  returns: readonly ExtraHop[],
): ExtraHop[] => {
  const index = segments.findIndex(({ router }) => router?.netns === 'host' && router.oif !== null);
  const router = segments[index]?.router;
  if (router === undefined || segments.at(-1)?.role !== 'outside') return [];
  const host = netnsById(topology, 'host');
  const used = [...segments, ...returns.map((extra) => extra.segment)];
  return host.links
    .filter(
      (link) => isUplink(host, link) && !used.some(({ link: other, netns }) => netns === 'host' && other === link),
    )
    .slice(0, MOST_ALTERNATES)
    .map((link) => ({
      at: index - 1,
      segment: { role: 'alternate-uplink', netns: 'host', link, stages: STAGES.returning },
    }));
};

const isUplink = (host: NetnsTopology, link: LinkState): boolean =>
  isUp(link) &&
  link.kind !== 'bridge' &&
  link.master === null &&
  !link.flags.includes('LOOPBACK') &&
  host.addresses.some((own) => own.ifname === link.ifname && own.family === 4 && own.scope === 'global');
