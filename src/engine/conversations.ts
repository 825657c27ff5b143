import { followTraffic, isRefused } from '../capture/traffic.js';
import type { Flow, Protocol } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import type { Packet } from '../model/packet.js';
import type { ListeningSocket } from '../model/state.js';
import { type FoundFlow, requestFor } from './traffic-flow.js';

/** What is known of the container when its traffic is sorted. */
export interface Listener {
  /** Addresses of the container. */
  readonly own: readonly string[];
  /** Ports on which its programs listen: what comes from them answers somebody outside. */
  readonly sockets: readonly ListeningSocket[];
  /** Nanoseconds since the run began. */
  readonly now: number;
}

/** One flow, and whether the container waits for an answer. */
export interface Conversation {
  readonly found: FoundFlow;
  /** Nanoseconds since the run began, of its first packet. */
  readonly began: number;
  /** Packets whose answer is overdue. */
  readonly waiting: number;
  /** Packets that were refused. */
  readonly refused: number;
}

/** Nanoseconds after which an answer is overdue. */
const OVERDUE_NS = 300e6;
const START = 'container';
/** Packets of one flow that are looked at. */
const MOST = 50;

/**
 * The flows that the container speaks in: those that wait for an answer first, then those that are refused. What a client outside began, and the container
 * does not answer, is none: nothing of it leaves.
 */
export const conversationsIn = (packets: readonly Packet[], listener: Listener): readonly Conversation[] => {
  const groups = new Map<string, Packet[]>();
  for (const packet of packets) {
    const protocol = protocolOf(packet);
    if (protocol === null || packet.ip === null || !listener.own.includes(packet.ip.source)) continue;
    const ports = packet.tcp ?? packet.udp;
    const isOne = protocol !== 'icmp' && isOneConnection(packet, listener.sockets);
    const key = [protocol, packet.ip.source, packet.ip.destination, ports?.destinationPort, isOne && ports?.sourcePort];
    groups.set(key.join(' '), [...(groups.get(key.join(' ')) ?? []), packet]);
  }
  return [...groups.values()]
    .flatMap((group) => conversationOf(group, packets, listener) ?? [])
    .sort((a, b) => urgency(b) - urgency(a) || b.found.seen.sent - a.found.seen.sent);
};

const urgency = ({ waiting, refused }: Conversation): number => (waiting > 0 ? 2 : refused > 0 ? 1 : 0);

const protocolOf = ({ tcp, udp, icmp, ip }: Packet): Protocol | null => {
  if (tcp !== null) return 'tcp';
  if (udp !== null) return 'udp';
  return icmp !== null && ip !== null && icmp.type === ICMP_TYPE[ip.family].request ? 'icmp' : null;
};

/** Attempts to connect belong together; what is under way, or answers a client, is one connection. */
const isOneConnection = ({ tcp, udp }: Packet, sockets: readonly ListeningSocket[]): boolean => {
  const [protocol, port] = tcp !== null ? ['tcp', tcp.sourcePort] : ['udp', udp?.sourcePort];
  if (protocol === 'tcp' && sockets.some((one) => one.protocol === 'tcp' && one.port === port)) return true;
  return tcp !== null && !tcp.flags.includes('SYN');
};

const conversationOf = (
  group: readonly Packet[],
  packets: readonly Packet[],
  { now, sockets }: Listener,
): Conversation | null => {
  const [first] = group;
  const protocol = first && protocolOf(first);
  if (!first?.ip || !protocol) return null;
  const ports = first.tcp ?? first.udp;
  const localPorts = new Set(group.map(({ tcp, udp }) => (tcp ?? udp)?.sourcePort ?? null));
  const [localPort = null] = localPorts.size === 1 ? localPorts : [];
  const seen = {
    protocol,
    local: first.ip.source,
    localPort,
    remote: first.ip.destination,
    remotePort: ports?.destinationPort ?? null,
  };
  const established =
    protocol === 'tcp' && isOneConnection(first, sockets) && first.tcp?.flags.includes('SYN') !== true;
  const under = {
    ...(localPort === null ? {} : { sourcePort: localPort }),
    ...(established ? { established: true as const } : {}),
  };
  const request = requestFor({ ...seen, sent: 0, answered: 0 });
  const flow: Flow = { ...request, ...under, kind: 'egress' };
  const { exchanges } = followTraffic(flow, new Map([[START, packets]]), { start: START, own: [], most: MOST });
  if (exchanges.length === 0) return null;
  const isDone = (one: (typeof exchanges)[number]): boolean => one.answer !== null || one.error !== null;
  return {
    began: first.at,
    waiting: exchanges.filter((one) => !isDone(one) && now - one.at >= OVERDUE_NS).length,
    refused: exchanges.filter(isRefused).length,
    found: {
      request,
      under,
      lengths: [...new Set(exchanges.map(({ packet }) => ipBytes(packet)))].slice(0, 6),
      dontFragment: exchanges.some(({ packet }) => packet.ip?.dontFragment === true),
      seen: { ...seen, sent: exchanges.length, answered: exchanges.filter(isDone).length },
    },
  };
};

const ETHERNET_BYTES = 14;
const TAG_BYTES = 4;

/** Length of the IP packet in bytes, as the witness's events have it behind the link-layer header. */
const ipBytes = ({ length, macSource, vlan }: Packet): number =>
  length - (macSource === null ? 0 : ETHERNET_BYTES) - (vlan === null ? 0 : TAG_BYTES);
