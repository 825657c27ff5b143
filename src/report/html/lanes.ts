import type { Way } from '../../model/flow.js';
import type { Packet, Sighting } from '../../model/packet.js';
import type { Run } from '../../model/run.js';
import { hopById, hopTitle } from '../facts.js';
import { type Journey, journeys, rewriteBetween } from '../journeys.js';

/** One packet at one hop. */
export interface Stop {
  readonly hop: string;
  /** `+15 µs` since the first sighting of the same packet. */
  readonly offset: string;
  /** What NAT made of its address since the hop before; `null` where it is the same. */
  readonly nat: string | null;
  /** As a person would say it. */
  readonly words: string;
}

/** One packet on its way: where it was seen, in time order. */
export interface Lane {
  readonly label: string;
  readonly way: Way;
  /** `at 691.553 ms` since the run began. */
  readonly startWords: string;
  readonly stops: readonly Stop[];
  /** Whether its last sighting is where it was lost. */
  readonly lost: boolean;
}

export const lanesOf = (run: Run, sightings: readonly Sighting[]): readonly Lane[] =>
  journeys(run, sightings).map((journey) => laneOf(run, journey));

const laneOf = (run: Run, { first, sightings, lost }: Journey): Lane => ({
  label: `${first.probe === null ? '' : `probe ${first.probe} `}${first.kind === 'icmp-error' ? 'ICMP error' : first.kind}`,
  way: first.way,
  startWords: `at ${(first.packet.at / 1e6).toFixed(3)} ms`,
  stops: sightings.map((sighting, index) => stopOf(run, sighting, first, sightings[index - 1])),
  lost,
});

const stopOf = (run: Run, sighting: Sighting, first: Sighting, before: Sighting | undefined): Stop => {
  const hop = hopById(run, sighting.hop);
  const offset = `+${microseconds(sighting.packet.at - first.packet.at)} µs`;
  const name = hop ? hopTitle(run, hop) : sighting.hop;
  const rewrite = before ? rewriteBetween(before.packet, sighting.packet) : null;
  const nat = rewrite ? `${rewrite.field === 'source' ? 'src' : 'dst'} → ${rewrite.after}` : null;
  return { hop: sighting.hop, offset, nat, words: `${offset} on ${name}${nat ? ` (NAT: ${nat})` : ''}` };
};

const microseconds = (ns: number): string => {
  const micro = ns / 1000;
  return micro < 100 ? micro.toFixed(1).replace(/\.0$/, '') : micro.toFixed(0);
};

/** One line about a packet's headers. */
export const packetWords = ({ arp, ip, icmp, tcp, udp }: Packet): string => {
  if (arp)
    return arp.operation === 'request'
      ? `ARP who has ${arp.targetAddress}, tell ${arp.senderAddress}`
      : `ARP ${arp.senderAddress} is at ${arp.senderMac}`;
  if (!ip) return 'not decoded';
  const ends = `${ip.source} → ${ip.destination}`;
  if (icmp)
    return `${ends}  ICMP type ${icmp.type} code ${icmp.code}${icmp.sequence === null ? '' : ` id ${icmp.id} seq ${icmp.sequence}`}, TTL ${ip.ttl}`;
  if (tcp)
    return `${ends}  TCP ${tcp.sourcePort} → ${tcp.destinationPort} ${tcp.flags.join(' ')} seq ${tcp.sequence}, TTL ${ip.ttl}`;
  if (udp) return `${ends}  UDP ${udp.sourcePort} → ${udp.destinationPort}, TTL ${ip.ttl}`;
  return `${ends}  protocol ${ip.protocol}, TTL ${ip.ttl}`;
};
