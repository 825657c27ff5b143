import type { Flow } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import type { HookPacket } from '../netfilter/types.js';

const EPHEMERAL_PORT = 40_000;

/**
 * The first packet of the flow as the container's socket makes it: an echo request, a SYN, a datagram; of a connection that
 * is established, a segment with data.
 * @param length bytes of the IP packet
 */
export const firstPacket = (flow: Flow, length: number): HookPacket => ({
  family: flow.family,
  protocol: flow.protocol,
  source: flow.source ?? (flow.family === 4 ? '0.0.0.0' : '::'),
  destination: flow.destination,
  sourcePort: flow.protocol === 'icmp' ? null : (flow.sourcePort ?? EPHEMERAL_PORT),
  destinationPort: flow.protocol === 'icmp' ? null : flow.port,
  icmp: flow.protocol === 'icmp' ? { type: ICMP_TYPE[flow.family].request, code: 0 } : null,
  tcpFlags: flow.protocol === 'tcp' ? (flow.established ? ['PSH', 'ACK'] : ['SYN']) : [],
  iif: null,
  oif: null,
  physIn: null,
  physOut: null,
  mark: flow.mark,
  connection: 'new',
  connectionDirection: 'original',
  connectionStatus: [],
  length,
  ttl: 64,
  macSource: null,
});

/** The answer to a request as the other end sends it: an echo reply, a SYN-ACK, a datagram back. */
export const replyTo = ({ isSpared: _spared, ...request }: HookPacket): HookPacket => ({
  ...request,
  source: request.destination,
  destination: request.source,
  sourcePort: request.destinationPort,
  destinationPort: request.sourcePort,
  icmp: request.icmp && { type: ICMP_TYPE[request.family].reply, code: 0 },
  tcpFlags: answeringFlags(request.tcpFlags),
  iif: null,
  oif: null,
  physIn: null,
  physOut: null,
  mark: 0,
  connection: request.connection === 'untracked' ? 'untracked' : 'established',
  connectionDirection: 'reply',
  ttl: 64,
  macSource: null,
});

const answeringFlags = (flags: readonly string[]): readonly string[] => {
  if (flags.length === 0) return [];
  return flags.includes('SYN') ? ['SYN', 'ACK'] : ['ACK'];
};
