import type { CapturedFrame, Packet, Sighting } from '../model/packet.js';
import type { Captured } from './taps.js';

/**
 * The frames of our own packets: those that were recognised, and the rest of the connections that the probe opened.
 * A filter by addresses and ports also lets in what the container says to the same service on its own account, and ICMP
 * errors that quote it; none of that is ours to keep.
 */
export const ownFrames = ({ packets, frames }: Captured, sightings: readonly Sighting[]): readonly CapturedFrame[] => {
  const recognised = new Set(sightings.map(({ packet }) => packet));
  const connections = new Set(sightings.flatMap(({ hop, packet }) => connectionOf(hop, packet)));
  const ours = new Set(
    [...packets].flatMap(([hop, list]) =>
      list
        .filter((packet) => recognised.has(packet) || connectionOf(hop, packet).some((key) => connections.has(key)))
        .map(({ at }) => `${hop} ${at}`),
    ),
  );
  return frames.filter(({ hop, at }) => ours.has(`${hop} ${at}`));
};

/** The connection as both its ends name it, at one hop: NAT renames it on the way. Empty for what is no TCP packet. */
const connectionOf = (hop: string, { ip, tcp }: Packet): readonly string[] => {
  if (ip === null || tcp === null) return [];
  const ends = [`${ip.source} ${tcp.sourcePort}`, `${ip.destination} ${tcp.destinationPort}`];
  return [`${hop} ${ends.sort().join(' ')}`];
};
