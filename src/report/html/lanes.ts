import type { Way } from '../../model/flow.js';
import type { Packet, Sighting } from '../../model/packet.js';
import type { Run } from '../../model/run.js';
import { hopById, hopTitle } from '../facts.js';

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

const KINDS = { request: 'request', reply: 'reply', 'icmp-error': 'ICMP error' } as const;

/** The packets of the run by probe and kind, first seen first. */
export const lanesOf = (run: Run, sightings: readonly Sighting[]): readonly Lane[] => {
  const groups = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    if (sighting.kind === 'neighbour-request' || sighting.kind === 'neighbour-reply') continue;
    const key = `${sighting.probe} ${sighting.kind} ${sighting.way}`;
    groups.set(key, [...(groups.get(key) ?? []), sighting]);
  }
  return [...groups.values()]
    .map((group) => firstPerHop(group))
    .sort((a, b) => (a[0]?.packet.at ?? 0) - (b[0]?.packet.at ?? 0))
    .flatMap((group) => {
      const [first] = group;
      return first ? [laneOf(run, first, group, sightings)] : [];
    });
};

const firstPerHop = (group: readonly Sighting[]): readonly Sighting[] => {
  const sorted = group.toSorted((a, b) => a.packet.at - b.packet.at);
  return sorted.filter((sighting, index) => sorted.findIndex((other) => other.hop === sighting.hop) === index);
};

const laneOf = (run: Run, first: Sighting, group: readonly Sighting[], all: readonly Sighting[]): Lane => {
  const kind = first.kind as keyof typeof KINDS;
  const answered = all.some((other) => other.kind === 'reply' && other.probe === first.probe);
  return {
    label: `${first.probe === null ? '' : `probe ${first.probe} `}${KINDS[kind] ?? kind}`,
    way: first.way,
    startWords: `at ${(first.packet.at / 1e6).toFixed(3)} ms`,
    stops: group.map((sighting, index) => stopOf(run, sighting, first, group[index - 1])),
    lost: kind !== 'icmp-error' && isLost(run, first, group, answered),
  };
};

/** A request without any answer is lost behind its last hop; a reply that did not reach the sender is as well. */
const isLost = (run: Run, first: Sighting, group: readonly Sighting[], answered: boolean): boolean => {
  const outcome = run.probe?.answers.find((answer) => answer.probe === first.probe)?.outcome;
  if (outcome === 'answered' || outcome === 'refused') return false;
  if (first.way === 'forward') return !answered;
  return hopById(run, group.at(-1)?.hop ?? '')?.role !== 'container';
};

const stopOf = (run: Run, sighting: Sighting, first: Sighting, before: Sighting | undefined): Stop => {
  const hop = hopById(run, sighting.hop);
  const offset = `+${microseconds(sighting.packet.at - first.packet.at)} µs`;
  const name = hop ? hopTitle(run, hop) : sighting.hop;
  const nat = before ? natBetween(before.packet, sighting.packet) : null;
  return { hop: sighting.hop, offset, nat, words: `${offset} on ${name}${nat ? ` (NAT: ${nat})` : ''}` };
};

const microseconds = (ns: number): string => {
  const micro = ns / 1000;
  return micro < 100 ? micro.toFixed(1).replace(/\.0$/, '') : micro.toFixed(0);
};

const natBetween = (before: Packet, after: Packet): string | null => {
  if (!before.ip || !after.ip) return null;
  if (before.ip.source !== after.ip.source) return `src → ${after.ip.source}`;
  return before.ip.destination === after.ip.destination ? null : `dst → ${after.ip.destination}`;
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
