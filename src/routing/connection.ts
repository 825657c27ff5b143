import { isIcmpError } from '../model/icmp.js';
import type { ConntrackTuple, NetnsState } from '../model/state.js';
import type { ConnectionState, Hook, HookPacket, OriginalTuple } from '../netfilter/types.js';
import type { Rewrite } from '../netfilter/walk-hook.js';
import type { WalkInput } from './flow-walk-types.js';

/** A connection as conntrack of one namespace has it once its first packet is through. */
export interface Connection {
  /** Addresses and ports of the first packet as it came. */
  readonly original: OriginalTuple;
  /** The same as it left. */
  readonly translated: OriginalTuple;
  readonly mark: number;
  /** Which of its two ways the packet goes that is walked. @default 'reply' */
  readonly way?: 'original' | 'reply';
  /** How rules see that way, where it is not the same: the answer to an answer goes the original way. */
  readonly seenAs?: 'original' | 'reply';
  /** Nothing has come back yet. */
  readonly isUnreplied?: boolean;
}

const tupleOf = ({ source, destination, sourcePort, destinationPort }: HookPacket): OriginalTuple => ({
  source,
  destination,
  sourcePort,
  destinationPort,
});

/** The connection that a first packet made; `null` when conntrack does not follow it. */
export const connectionOf = (entered: HookPacket, left: HookPacket): Connection | null =>
  left.connection === 'untracked' || left.connection === 'invalid'
    ? null
    : {
        original: tupleOf(entered),
        translated: tupleOf(left),
        mark: left.connectionMark ?? 0,
        ...(entered.connectionDirection === 'reply' ? { seenAs: 'original' as const } : {}),
      };

/**
 * The connection of a packet of one that is under way, as conntrack of the namespace lists it. Its translation is settled:
 * no rule is asked for it again. `null` where conntrack knows none.
 */
export const knownConnection = (
  { conntrack }: Pick<NetnsState, 'conntrack'>,
  packet: HookPacket,
): Connection | null => {
  const entries = conntrack.ok ? conntrack.value.entries : [];
  for (const { original, reply, mark, flags } of entries) {
    const way = isOf(original, packet) ? 'original' : isOf(reply, packet) ? 'reply' : null;
    if (way === null) continue;
    return {
      original: {
        source: original.src,
        sourcePort: original.sport,
        destination: original.dst,
        destinationPort: original.dport,
      },
      translated: { source: reply.dst, sourcePort: reply.dport, destination: reply.src, destinationPort: reply.sport },
      mark,
      way,
      isUnreplied: flags.includes('UNREPLIED'),
    };
  }
  return null;
};

/** The connection of the first packet of a walk in one namespace, where the flow is known by the ports of both its ends. */
export const connectionAt = (
  { flow, anew }: Pick<WalkInput, 'flow' | 'anew'>,
  state: Pick<NetnsState, 'conntrack'>,
  packet: HookPacket,
): Connection | null => (flow.sourcePort === undefined || anew ? null : knownConnection(state, packet));

const isOf = (tuple: ConntrackTuple, packet: HookPacket): boolean =>
  tuple.src === packet.source &&
  tuple.dst === packet.destination &&
  tuple.sport === packet.sourcePort &&
  tuple.dport === packet.destinationPort;

/**
 * What conntrack makes of a packet that belongs to no connection it has. A TCP packet in mid-stream is taken up
 * (`nf_conntrack_tcp_loose`, on by default), an answer is not.
 * @see tcp_new in nf_conntrack_proto_tcp.c, icmp_new in nf_conntrack_proto_icmp.c
 */
export const stateWithoutConnection = (
  { protocol, icmp, tcpFlags, family }: HookPacket,
  isLoose = true,
): ConnectionState => {
  if (protocol === 'icmp') {
    const starts = family === 4 ? STARTS_ICMP : STARTS_ICMP6;
    return icmp === null || starts.has(icmp.type) ? 'new' : 'invalid';
  }
  if (protocol === 'udp') return 'new';
  if (tcpFlags.includes('RST')) return 'invalid';
  if (tcpFlags.includes('SYN')) return tcpFlags.includes('ACK') ? 'invalid' : 'new';
  return isLoose && tcpFlags.includes('ACK') ? 'new' : 'invalid';
};

/** Whether conntrack of a namespace takes up connections in mid-stream. */
export const isLoose = ({ sysctls }: Pick<NetnsState, 'sysctls'>): boolean =>
  !sysctls.ok || sysctls.value['net.netfilter.nf_conntrack_tcp_loose'] !== '0';

/** Echo, timestamp, information and address mask requests. */
const STARTS_ICMP: ReadonlySet<number> = new Set([8, 13, 15, 17]);
/** Echo and node information requests. */
const STARTS_ICMP6: ReadonlySet<number> = new Set([128, 139]);

/** Errors are related to the connection of the packet that they quote. @see nf_conntrack_inet_error in net/netfilter/nf_conntrack_proto_icmp.c */
const isError = ({ family, icmp }: HookPacket): boolean => icmp !== null && isIcmpError(family, icmp.type);

/** The packet with what conntrack knows of it when it enters a namespace: its connection's answer, or a stranger. */
export const asTracked = (packet: HookPacket, connection: Connection | null, takesUp = true): HookPacket => {
  if (connection === null || packet.isSpared) {
    const { connectionMark: _mark, original: _original, isSpared, ...bare } = packet;
    return {
      ...bare,
      connection: isSpared ? 'untracked' : stateWithoutConnection(packet, takesUp),
      connectionDirection: 'original',
      connectionStatus: [],
    };
  }
  const { original, translated, mark, way = 'reply', seenAs = way, isUnreplied = false } = connection;
  const isSnat = original.source !== translated.source || original.sourcePort !== translated.sourcePort;
  const isDnat =
    original.destination !== translated.destination || original.destinationPort !== translated.destinationPort;
  return {
    ...packet,
    connection: isError(packet) ? 'related' : way === 'original' && isUnreplied ? 'new' : 'established',
    connectionDirection: seenAs,
    connectionStatus: [...(isSnat ? (['snat'] as const) : []), ...(isDnat ? (['dnat'] as const) : [])],
    connectionMark: mark,
    original,
    ...(way === 'original' ? { natDecided: true } : {}),
  };
};

/**
 * How a packet of a known connection is translated at a hook, or an answer back: its destination before routing, its source
 * after; `null` where NAT has no place.
 * @see nf_nat_packet in net/netfilter/nf_nat_core.c
 */
export const rewriteTracked = (connection: Connection | null, hook: Hook): Rewrite | null => {
  if (connection === null || hook === 'forward') return null;
  if (connection.way === 'original') return rewriteOriginal(connection.translated, hook);
  const { source, destination, sourcePort, destinationPort } = connection.original;
  return hook === 'prerouting' || hook === 'output'
    ? (packet) => ({ ...packet, destination: source, destinationPort: sourcePort })
    : (packet) => ({ ...packet, source: destination, sourcePort: destinationPort });
};

const rewriteOriginal = ({ source, sourcePort, destination, destinationPort }: OriginalTuple, hook: Hook): Rewrite =>
  hook === 'prerouting' || hook === 'output'
    ? (packet) => ({ ...packet, destination, destinationPort })
    : (packet) => ({ ...packet, source, sourcePort });
