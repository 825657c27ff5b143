import type { Flow } from '../model/flow.js';
import type { Packet } from '../model/packet.js';
import { queryNumber } from '../parse/dns-message.js';
import { readRequestNumber } from '../parse/tftp.js';

/** Ends of the requests that were seen, before and behind NAT, each with its port and without, and the number of the probe. */
export type UdpRequests = ReadonlyMap<string, number>;

interface Ends {
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
}

const TOKEN_BYTES = 4;
const NUMBER_BYTES = 2;

/** What marks the probe's datagrams. */
export interface DatagramMark {
  /** Tokens of further echo requests of ours. */
  readonly furtherTokens?: readonly string[];
  /** Payload token (hex), or what the ids of the queries are made from. */
  readonly token: string | null;
  /** Question section of the probe's queries, where it asks a DNS server. */
  readonly question?: Buffer | undefined;
}

/** The probe's number: behind its token, where a payload begins with it or is a TFTP request, or by the id of a query; else `null`. */
export const datagramNumber = (bytes: Buffer, offset: number, end: number, mark: DatagramMark): number | null => {
  if (mark.question !== undefined && mark.token !== null)
    return queryNumber(bytes.subarray(offset, end), mark.token, mark.question);
  return offset + TOKEN_BYTES + NUMBER_BYTES <= end &&
    bytes.toString('hex', offset, offset + TOKEN_BYTES) === mark.token
    ? bytes.readUInt16BE(offset + TOKEN_BYTES)
    : readRequestNumber(bytes, offset, end, mark.token);
};

/** Both addresses and ports as one text. */
export const endsOf = ({ source, sourcePort, destination, destinationPort }: Ends): string =>
  `${source} ${sourcePort} ${destination} ${destinationPort}`;

/** The ends of what goes the other way. */
export const turned = ({ source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
});

const endsOfPacket = ({ ip, udp }: Packet): Ends | null => (ip === null || udp === null ? null : { ...ip, ...udp });

/** The requests among the packets of all hops, in order of time. */
export const udpRequestsOf = (flow: Flow, packets: ReadonlyMap<string, readonly Packet[]>): UdpRequests => {
  const requests = new Map<string, number>();
  for (const packet of [...packets.values()].flat().sort((a, b) => a.at - b.at)) noteUdpRequest(packet, flow, requests);
  return requests;
};

/** Adds the packet's ends to the requests, if it is one. */
export const noteUdpRequest = (packet: Packet, flow: Flow, requests: Map<string, number>): void => {
  const ends = endsOfPacket(packet);
  if (flow.protocol !== 'udp' || ends === null || packet.udp?.probe === undefined) return;
  if (isUdpReply(packet, flow, requests)) return;
  for (const asked of [ends, ofAnyPort(ends)]) requests.set(endsOf(asked), packet.udp.probe);
};

/**
 * Whether the datagram goes from the destination to the container. An echoed payload is no help: NAT may have changed either
 * end, but a reply turns round the ends of a request that was seen, or comes from another port of the address that was asked.
 */
export const isUdpReply = (packet: Packet, flow: Flow, requests: UdpRequests): boolean => {
  const ends = endsOfPacket(packet);
  if (ends === null) return false;
  return numberAnswered(ends, requests) !== null || (ends.source === flow.destination && ends.sourcePort === flow.port);
};

/** Number of the probe that the datagram is, or answers; `null` for a stranger. */
export const udpProbe = (packet: Packet, requests: UdpRequests): number | null => {
  const ends = endsOfPacket(packet);
  if (ends === null) return null;
  return packet.udp?.probe ?? numberAnswered(ends, requests);
};

/** Number of the request that is answered, from whichever port. */
const numberAnswered = (ends: Ends, requests: UdpRequests): number | null => {
  const asked = turned(ends);
  return requests.get(endsOf(asked)) ?? requests.get(endsOf(ofAnyPort(asked))) ?? null;
};

const ofAnyPort = (ends: Ends): Ends => ({ ...ends, destinationPort: null });
