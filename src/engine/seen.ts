import { isTooBigWord } from '../model/icmp.js';
import type { Packet, Sighting } from '../model/packet.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeAnswer, ProbeResult } from '../model/probe.js';

/** Which probe was seen where: per hop and probe, its first packet. */
export interface Seen {
  readonly forward: ReadonlyMap<string, ReadonlyMap<number, Packet>>;
  readonly return: ReadonlyMap<string, ReadonlyMap<number, Packet>>;
}

/**
 * @param unheard probes for which nothing reached the sender: a router's word that the packet is too big, seen on its way
 * back, is then an answer that was lost, as a reply would be
 */
export const indexSightings = (
  path: Path,
  sightings: readonly Sighting[],
  unheard: ReadonlySet<number> = new Set(),
): Seen => ({
  forward: indexWay(path, sightings, ({ kind }) => kind === 'request'),
  return: indexWay(
    path,
    sightings,
    (sighting) =>
      sighting.kind === 'reply' || (isTooBig(sighting) && sighting.probe !== null && unheard.has(sighting.probe)),
  ),
});

/** Whether it is a router's word on the way back that a packet is too big. @see RFC 1191, RFC 8201 */
export const isTooBig = ({ kind, way, packet }: Sighting): boolean =>
  kind === 'icmp-error' &&
  way === 'return' &&
  packet.ip !== null &&
  packet.icmp !== null &&
  isTooBigWord(packet.ip.family, packet.icmp);

const indexWay = (path: Path, sightings: readonly Sighting[], belongs: (sighting: Sighting) => boolean) => {
  const index = new Map(path.hops.filter((hop) => hop.captured).map((hop) => [hop.id, new Map<number, Packet>()]));
  for (const sighting of sightings) {
    const { hop, probe, packet } = sighting;
    if (probe === null || !belongs(sighting)) continue;
    const first = index.get(hop)?.get(probe);
    if (first === undefined || packet.at < first.at) index.get(hop)?.set(probe, packet);
  }
  return index;
};

/** The hops of the request's way. A reply may also pass devices beside it. */
export const mainLine = (path: Path): Hop[] => path.hops.filter((hop) => !isBeside(hop));

export const isBeside = (hop: Hop): boolean => hop.role === 'return-egress' || hop.role === 'alternate-uplink';

/** Name of the link between two neighbouring hops of the main line, in path order. */
export const linkBetween = (path: Path, inner: Hop, outer: Hop): string =>
  path.links.find((link) => link.from === inner.id && link.to === outer.id)?.id ?? `${inner.id}-${outer.id}`;

/** A refusal is an answer too. */
export const isAnswered = ({ outcome }: ProbeAnswer): boolean => outcome === 'answered' || outcome === 'refused';

/**
 * Unanswered probes whose reply came to the hop next to their sender after the probe had stopped waiting: slow, not lost.
 * ping waits once, after the last packet; a connection or datagram is waited for by itself. @see ping(8)
 */
export const findLate = (path: Path, seen: Seen, probe: ProbeResult): number[] => {
  const near = mainLine(path).find(({ id }) => (seen.forward.get(id)?.size ?? 0) > 0)?.id ?? '';
  const requests = seen.forward.get(near);
  if (requests === undefined || probe.waitedMs === undefined) return [];
  const last = Math.max(...[...requests.values()].map(({ at }) => at));
  const waited = probe.waitedMs * 1_000_000;
  return probe.answers.flatMap((answer) => {
    const sent = probe.protocol === 'icmp' ? last : (requests.get(answer.probe)?.at ?? last);
    const reply = seen.return.get(near)?.get(answer.probe);
    return !isAnswered(answer) && reply !== undefined && reply.at >= sent + waited ? [answer.probe] : [];
  });
};
