import type { Flow } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import type { HookPacket } from '../netfilter/types.js';

const EPHEMERAL_PORT = 40_000;

/**
 * The first packet of the flow as the container's socket makes it: an echo request, a SYN, a datagram.
 * @param length bytes of the IP packet
 */
export const firstPacket = (flow: Flow, length: number): HookPacket => ({
  family: flow.family,
  protocol: flow.protocol,
  source: flow.source ?? (flow.family === 4 ? '0.0.0.0' : '::'),
  destination: flow.destination,
  sourcePort: flow.protocol === 'icmp' ? null : EPHEMERAL_PORT,
  destinationPort: flow.protocol === 'icmp' ? null : flow.port,
  icmp: flow.protocol === 'icmp' ? { type: ICMP_TYPE[flow.family].request, code: 0 } : null,
  tcpFlags: flow.protocol === 'tcp' ? ['SYN'] : [],
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
export const replyTo = (request: HookPacket): HookPacket => ({
  ...request,
  source: request.destination,
  destination: request.source,
  sourcePort: request.destinationPort,
  destinationPort: request.sourcePort,
  icmp: request.icmp && { type: ICMP_TYPE[request.family].reply, code: 0 },
  tcpFlags: request.tcpFlags.length > 0 ? ['SYN', 'ACK'] : [],
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
