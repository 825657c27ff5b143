import type { Flow, Way } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import type { IcmpHeader, Packet, QuotedPacket, Sighting, TcpHeader } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import { isIcmp, NEIGHBOUR, PROTOCOL } from './icmp.js';
import { endsOf, isUdpReply, turned, type UdpRequests, udpProbe } from './udp.js';

/** What tells our packets from others. None of it is changed by NAT. */
export interface ProbeFacts {
  /** ICMP payload token (hex); `null` where the payload is too short for one: then addresses decide. */
  readonly token: string | null;
  /** Initial TCP sequence number of each probe, and the probe's number. */
  readonly bySequence: ReadonlyMap<number, number>;
  /** The UDP probes' requests, by which answers of any content are found. */
  readonly requests?: UdpRequests;
  /** Addresses of the container and of the namespaces on the path. Other hosts' neighbour discovery is not ours. */
  readonly own: readonly string[];
}

type Recognised = Pick<Sighting, 'kind' | 'way' | 'probe'>;

/** What tells the probe's own connections from others with the same source port. */
export interface SentFrom {
  /** Address of the sender; `null` where anybody may be it. */
  readonly source: string | null;
  readonly destination: string;
  /** The hop next to the sender whose capture listens: its packets may be translated there already, and by nothing else. */
  readonly nearest: string | undefined;
}

/**
 * The TCP probes' initial sequence numbers, found by the source ports that the probe used. The sender's packets bear its
 * original port and, but for a translation of its own, its address: the host's control and other connections of either may
 * have the same port. Of several, those to the asked destination count, and the earliest. A port that was refused may be
 * chosen again.
 */
export const sequencesOf = (
  probe: ProbeResult,
  packets: ReadonlyMap<string, readonly Packet[]>,
  from: SentFrom,
): Map<number, number> => {
  const bySequence = new Map<number, number>();
  const syns = [...packets].flatMap(([hop, list]) => list.filter((packet) => opensProbe(hop, packet, from)));
  const waiting = new Map<number | undefined, number[]>();
  for (const { sourcePort, probe: number } of probe.answers)
    waiting.set(sourcePort, [...(waiting.get(sourcePort) ?? []), number]);
  const isElsewhere = ({ ip }: Packet): number => (ip?.destination === from.destination ? 0 : 1);
  for (const { tcp } of syns.sort((a, b) => isElsewhere(a) - isElsewhere(b) || a.at - b.at)) {
    if (tcp === null || bySequence.has(tcp.sequence)) continue;
    const number = waiting.get(tcp.sourcePort)?.shift();
    if (number !== undefined) bySequence.set(tcp.sequence, number);
  }
  return bySequence;
};

/** Whether a packet that was captured at a hop may open a connection of the probe. */
export const opensProbe = (hop: string, { tcp, ip }: Packet, { source, nearest }: SentFrom): boolean =>
  tcp !== null && isFirstSyn(tcp) && (source === null || hop === nearest || ip?.source === source);

/** The packets of the traced flow, of its ICMP errors and of its neighbour discovery, among those captured at a hop. */
export const toSightings = (hop: string, packets: readonly Packet[], flow: Flow, facts: ProbeFacts): Sighting[] =>
  packets.flatMap((packet) => {
    const recognised = recognise(packet, flow, facts);
    return recognised === null ? [] : [{ hop, ...recognised, packet }];
  });

const recognise = (packet: Packet, flow: Flow, facts: ProbeFacts): Recognised | null => {
  if (packet.arp !== null) return recogniseNeighbour(packet, flow, facts);
  if (packet.icmp !== null) return recogniseIcmp(packet, packet.icmp, flow, facts);
  if (packet.tcp !== null && flow.protocol === 'tcp') return recogniseTcp(packet.tcp, facts);
  return flow.protocol === 'udp' ? recogniseUdp(packet, flow, facts.requests ?? new Map()) : null;
};

const recogniseUdp = (packet: Packet, flow: Flow, requests: UdpRequests): Recognised | null => {
  const probe = udpProbe(packet, requests);
  if (probe === null) return null;
  return isUdpReply(packet, flow, requests)
    ? { kind: 'reply', way: 'return', probe }
    : { kind: 'request', way: 'forward', probe };
};

/** The neighbour discovery that the flow needs; `null` for any other packet. */
export const recogniseNeighbour = (
  { arp, ip, icmp }: Packet,
  flow: Flow,
  facts: Pick<ProbeFacts, 'own'>,
): Recognised | null => {
  if (arp !== null)
    return arp.operation === 'request'
      ? neighbour('neighbour-request', arp.senderAddress, arp.targetAddress, flow, facts)
      : neighbour('neighbour-reply', arp.targetAddress, arp.senderAddress, flow, facts);
  if (ip?.family !== 6 || flow.family !== 6 || icmp?.target === undefined) return null;
  return icmp.type === NEIGHBOUR.solicitation
    ? neighbour('neighbour-request', ip.source, icmp.target, flow, facts)
    : neighbour('neighbour-reply', ip.destination, icmp.target, flow, facts);
};

const recogniseIcmp = (packet: Packet, icmp: IcmpHeader, flow: Flow, facts: ProbeFacts): Recognised | null => {
  if (packet.ip === null || packet.ip.family !== flow.family) return null;
  const { family, source, destination } = packet.ip;
  if (icmp.quoted !== null) return recogniseError(icmp.quoted, flow, facts);
  if (family === 6 && icmp.target !== undefined) return recogniseNeighbour(packet, flow, facts);
  if (flow.protocol !== 'icmp' || icmp.sequence === null) return null;
  const request = icmp.type === ICMP_TYPE[family].request;
  const peer = request ? destination : source;
  const inside = request ? source : destination;
  const ours = facts.token === null ? peer === flow.destination || inside === flow.source : icmp.token === facts.token;
  if (!ours) return null;
  return request
    ? { kind: 'request', way: 'forward', probe: icmp.sequence }
    : { kind: 'reply', way: 'return', probe: icmp.sequence };
};

/** The first packet of a connection. */
export const isFirstSyn = (tcp: TcpHeader): boolean => tcp.flags.includes('SYN') && !tcp.flags.includes('ACK');

/** A SYN-ACK, and the RST that refuses a SYN, acknowledge the initial sequence number plus one. @see RFC 9293 §3.5 */
const recogniseTcp = (tcp: TcpHeader, facts: ProbeFacts): Recognised | null => {
  if (isFirstSyn(tcp)) {
    const probe = facts.bySequence.get(tcp.sequence);
    return probe === undefined ? null : { kind: 'request', way: 'forward', probe };
  }
  if (!tcp.flags.includes('SYN') && !tcp.flags.includes('RST')) return null;
  const probe = facts.bySequence.get((tcp.acknowledgement - 1) >>> 0);
  return probe === undefined ? null : { kind: 'reply', way: 'return', probe };
};

/** An error travels against the packet that it quotes. */
const recogniseError = (quoted: QuotedPacket, flow: Flow, facts: ProbeFacts): Recognised | null => {
  const error = (way: Way, probe: number | null): Recognised => ({ kind: 'icmp-error', way, probe });
  const way = quotedWay(quoted, flow);
  const { tcpSequence } = quoted;
  if (tcpSequence !== undefined) {
    const probe = facts.bySequence.get(tcpSequence) ?? facts.bySequence.get((tcpSequence - 1) >>> 0);
    if (probe !== undefined) return error('return', probe);
    // Another connection's to the same place. What a reply bears is a number of the server's.
    if (way === 'forward') return null;
  }
  if (way === null || quoted.foreign || (quoted.token !== null && quoted.token !== facts.token)) return null;
  if (flow.protocol === 'udp') {
    const probe = quoted.udpProbe ?? facts.requests?.get(endsOf(way === 'forward' ? quoted : turned(quoted))) ?? null;
    return probe === null ? null : error(way === 'forward' ? 'return' : 'forward', probe);
  }
  if (flow.protocol !== 'icmp') return error(way === 'forward' ? 'return' : 'forward', null);
  const family = quoted.source.includes(':') ? 6 : 4;
  if (!isIcmp(quoted.protocol, family) || quoted.icmpSequence === null) return null;
  return error(quoted.icmpType === ICMP_TYPE[family].reply ? 'forward' : 'return', quoted.icmpSequence);
};

/** Which way the quoted packet went, if it is of the flow: by its token, or by the end that NAT left alone. */
const quotedWay = (quoted: QuotedPacket, flow: Flow): Way | null => {
  const request = quoted.destination === flow.destination || quoted.source === flow.source;
  const reply = quoted.source === flow.destination || quoted.destination === flow.source;
  if (flow.protocol === 'icmp') return request || quoted.token !== null ? 'forward' : reply ? 'return' : null;
  if (quoted.protocol !== (flow.protocol === 'tcp' ? PROTOCOL.tcp : PROTOCOL.udp)) return null;
  if (request && quoted.destinationPort === flow.port) return 'forward';
  return reply && quoted.sourcePort === flow.port ? 'return' : null;
};

/**
 * A request goes the way of the traffic that needs it: to the container when its address is asked for or a stranger
 * asks; a reply goes the other way. Announcements and duplicate address detection ask nobody.
 */
const neighbour = (
  kind: 'neighbour-request' | 'neighbour-reply',
  asker: string,
  asked: string,
  flow: Flow,
  { own }: Pick<ProbeFacts, 'own'>,
): Recognised | null => {
  const announcement = asker === asked || asker === '::' || asker === '0.0.0.0' || asker.startsWith('ff');
  if (announcement || !(own.includes(asker) || own.includes(asked))) return null;
  const inward = asked === flow.source || !own.includes(asker);
  const forward = kind === 'neighbour-request' ? !inward : inward;
  return { kind, way: forward ? 'forward' : 'return', probe: null };
};
