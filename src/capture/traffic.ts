import type { Flow, Way } from '../model/flow.js';
import { ICMP_TYPE, PORT_UNREACHABLE } from '../model/icmp.js';
import type { Packet, Sighting, TcpHeader } from '../model/packet.js';
import { recogniseNeighbour } from './sightings.js';
import { endsOf, turned } from './udp.js';

/** What followed traffic is read against. */
export interface TrafficFacts {
  /** Hop of the container's own device, where its packets are found first. */
  readonly start: string;
  /** Addresses of the container and of the namespaces on the path. */
  readonly own: readonly string[];
  /** Take segments without data for questions as well, as those are that ask an idle peer or a closed window. */
  readonly bare?: boolean;
  /** Packets that are followed at most. */
  readonly most: number;
}

/** A packet of the container that asks for an answer, and what came back to the container for it. */
export interface Exchange {
  /** 1-based, in order of time. */
  readonly number: number;
  /** Nanoseconds since the run began. */
  readonly at: number;
  readonly packet: Packet;
  readonly answer: Packet | null;
  /** An ICMP error that quotes it. */
  readonly error: Packet | null;
}

/** What was seen of a flow at every hop. */
export interface Followed {
  readonly exchanges: readonly Exchange[];
  readonly sightings: readonly Sighting[];
}

/**
 * Whether nobody took what was asked for: a reset for the first segment of a connection, or port unreachable for a datagram. A
 * reset in the midst of a connection is none: what came before was taken.
 */
export const isRefused = ({ packet, answer, error }: Exchange): boolean => {
  if (packet.tcp) return packet.tcp.flags.includes('SYN') && answer?.tcp?.flags.includes('RST') === true;
  if (!packet.udp || !error?.icmp || !error.ip) return false;
  const { type, code } = PORT_UNREACHABLE[error.ip.family];
  return error.icmp.type === type && error.icmp.code === code;
};

const SEQUENCES = 2 ** 32;

interface Open {
  readonly number: number;
  readonly packet: Packet;
  /** Both ends at the container, by which the packets of one connection belong together. */
  readonly connection: string;
  /** The sequence number that an answer acknowledges at least; `null` for what is no TCP. */
  readonly end: number | null;
  answer: Packet | null;
  error: Packet | null;
}

/**
 * Follows what the container says to the destination by what no NAT changes: the sequence number of a segment, the payload
 * of a datagram or echo. A segment that is sent again is the same one. Pure.
 */
export const followTraffic = (
  flow: Flow,
  packets: ReadonlyMap<string, readonly Packet[]>,
  facts: TrafficFacts,
): Followed => {
  const open = questionsAt(packets.get(facts.start) ?? [], flow, facts);
  const inTime = [...packets].flatMap(([hop, list]) => list.map((packet) => ({ hop, packet })));
  inTime.sort((a, b) => a.packet.at - b.packet.at);
  const connections = new Map<string, string>();
  const sightings: Sighting[] = [];
  const isAnothers = othersAt(packets.get(facts.start) ?? [], flow, open);
  for (const { hop, packet } of inTime) {
    const question = open.get(keyOf(packet) ?? '');
    if (question === undefined || isTurned(packet, connections)) continue;
    if (hop === facts.start ? !isFromContainer(packet, flow) : isAnothers(packet)) continue;
    connections.set(endsOfPacket(packet), question.connection);
    sightings.push({ hop, kind: 'request', way: 'forward', probe: question.number, packet });
  }
  const answers = new Answers([...open.values()], connections);
  for (const { hop, packet } of inTime) {
    const seen = (kind: Sighting['kind'], way: Way, probe: number | null): Sighting => ({
      hop,
      kind,
      way,
      probe,
      packet,
    });
    const near = recogniseNeighbour(packet, flow, facts);
    if (near) sightings.push(seen(near.kind, near.way, near.probe));
    for (const question of answers.answeredBy(hop, packet)) {
      if (hop === facts.start) question.answer ??= packet;
      sightings.push(seen('reply', 'return', question.number));
    }
    const refused = answers.quotedBy(packet);
    if (refused === undefined) continue;
    if (hop === facts.start) refused.error ??= packet;
    sightings.push(seen('icmp-error', 'return', refused.number));
  }
  return {
    exchanges: [...open.values()].map(({ number, packet, answer, error }) => ({
      number,
      at: packet.at,
      packet,
      answer,
      error,
    })),
    sightings: sightings.sort((a, b) => a.packet.at - b.packet.at),
  };
};

/** The packets of the container that ask, by what stands for them; the oldest alone where one is sent again. */
const questionsAt = (
  packets: readonly Packet[],
  flow: Flow,
  { bare = false, most }: TrafficFacts,
): Map<string, Open> => {
  const open = new Map<string, Open>();
  for (const packet of packets.toSorted((a, b) => a.at - b.at)) {
    const key = keyOf(packet);
    if (key === null || !isFromContainer(packet, flow) || !asks(packet, bare)) continue;
    if (open.has(key) || open.size >= most) continue;
    open.set(key, {
      number: open.size + 1,
      packet,
      connection: endsOfPacket(packet),
      end: packet.tcp && endOf(packet.tcp),
      answer: null,
      error: null,
    });
  }
  return open;
};

/**
 * Tells what the container says in the same words to somebody else, as a resolver does that asks a second server: behind a
 * NAT by its destination alone.
 */
const othersAt = (
  packets: readonly Packet[],
  flow: Flow,
  open: ReadonlyMap<string, Open>,
): ((packet: Packet) => boolean) => {
  const placeOf = ({ ip, tcp, udp }: Packet): string => `${ip?.destination} ${(tcp ?? udp)?.destinationPort ?? ''}`;
  const others = packets.filter((packet) => open.has(keyOf(packet) ?? '') && !isFromContainer(packet, flow));
  const places = new Set(others.map(placeOf));
  places.delete(`${flow.destination} ${flow.port ?? ''}`);
  return (packet) => places.has(placeOf(packet));
};

const isFromContainer = (packet: Packet, { source, destination, port, sourcePort, protocol }: Flow): boolean => {
  const ports = packet.tcp ?? packet.udp;
  if (packet.ip?.destination !== destination || (source !== null && packet.ip.source !== source)) return false;
  if (protocol === 'icmp') return packet.icmp !== null;
  if (ports === null || (protocol === 'tcp') !== (packet.tcp !== null) || ports.destinationPort !== port) return false;
  return sourcePort === undefined || ports.sourcePort === sourcePort;
};

const asks = ({ ip, tcp, udp, icmp }: Packet, bare: boolean): boolean => {
  if (tcp !== null) return !tcp.flags.includes('RST') && (bare || endOf(tcp) !== tcp.sequence);
  return udp !== null || (icmp !== null && ip !== null && icmp.type === ICMP_TYPE[ip.family].request);
};

/** SYN and FIN take a sequence number each. @see RFC 9293 §3.4 */
const endOf = ({ sequence, payload = 0, flags }: TcpHeader): number =>
  (sequence + payload + Number(flags.includes('SYN')) + Number(flags.includes('FIN'))) % SEQUENCES;

const keyOf = ({ tcp, udp, icmp, ip }: Packet): string | null => {
  if (tcp !== null) return `tcp ${tcp.sequence}`;
  if (udp !== null) return `udp ${udp.digest}`;
  if (icmp === null || icmp.sequence === null || ip === null) return null;
  return `icmp ${icmp.type === ICMP_TYPE[ip.family].request} ${icmp.sequence} ${icmp.digest}`;
};

/** Of echoes there are no ports; the identifier may be translated, the addresses tell the ways apart. */
const endsIn = ({ ip, tcp, udp }: Packet) => {
  const ports = tcp ?? udp;
  return {
    source: ip?.source ?? '',
    sourcePort: ports?.sourcePort ?? null,
    destination: ip?.destination ?? '',
    destinationPort: ports?.destinationPort ?? null,
  };
};

const endsOfPacket = (packet: Packet): string => endsOf(endsIn(packet));

const isTurned = (packet: Packet, connections: ReadonlyMap<string, string>): boolean =>
  packet.icmp === null && connections.has(endsOf(turned(endsIn(packet))));

/** Which questions a packet answers. */
class Answers {
  readonly #open: readonly Open[];
  readonly #connections: ReadonlyMap<string, string>;
  readonly #done = new Set<string>();
  /** What stands for an answer's payload, and the question it was taken for where it was seen first. */
  readonly #taken = new Map<string, Open>();

  /** @param connections both ends of a connection as they were seen at any hop, and as they are at the container */
  constructor(open: readonly Open[], connections: ReadonlyMap<string, string>) {
    this.#open = open;
    this.#connections = connections;
  }

  /** Each question once at each hop. */
  answeredBy(hop: string, packet: Packet): readonly Open[] {
    const connection = this.#connections.get(endsOf(turned(endsIn(packet))));
    if (connection === undefined) return [];
    const asked = this.#open.filter((one) => one.connection === connection && one.packet.at <= packet.at);
    return this.#answered(asked, packet).filter(({ number }) => {
      const key = `${hop} ${number}`;
      if (this.#done.has(key)) return false;
      this.#done.add(key);
      return true;
    });
  }

  /** The question that an ICMP error quotes. */
  quotedBy({ icmp }: Packet): Open | undefined {
    const quoted = icmp?.quoted;
    if (!quoted) return undefined;
    const { tcpSequence, icmpSequence } = quoted;
    if (tcpSequence !== undefined) return this.#open.find(({ packet }) => packet.tcp?.sequence === tcpSequence);
    if (icmpSequence !== null)
      return this.#open.find(
        ({ packet }) => packet.icmp?.sequence === icmpSequence && packet.ip?.destination === quoted.destination,
      );
    const connection = this.#connections.get(endsOf(quoted));
    return this.#open.find((one) => one.connection === connection && one.packet.udp !== null);
  }

  #answered(asked: readonly Open[], packet: Packet): readonly Open[] {
    const { tcp, udp, icmp, ip } = packet;
    if (tcp !== null) {
      const isBlindReset = tcp.flags.includes('RST') && !tcp.flags.includes('ACK');
      return asked.filter(({ end }) => end !== null && (isBlindReset || isUpTo(end, tcp.acknowledgement)));
    }
    if (udp !== null) return this.#inTurn(asked, `${udp.digest}`);
    if (icmp === null || ip === null || icmp.type !== ICMP_TYPE[ip.family].reply) return [];
    return asked.filter(
      ({ packet: question }) => question.icmp?.sequence === icmp.sequence && question.icmp?.digest === icmp.digest,
    );
  }

  /** Datagrams do not say what they answer: the oldest question that has no answer, else the latest. */
  #inTurn(asked: readonly Open[], digest: string): readonly Open[] {
    const known = this.#taken.get(digest);
    if (known !== undefined) return [known];
    const answered = new Set(this.#taken.values());
    const question = asked.find((one) => !answered.has(one)) ?? asked.at(-1);
    if (question === undefined) return [];
    this.#taken.set(digest, question);
    return [question];
  }
}

/** Whether a sequence number is not beyond another, on the circle that they are counted on. */
const isUpTo = (sequence: number, acknowledgement: number): boolean =>
  (acknowledgement - sequence + SEQUENCES) % SEQUENCES < SEQUENCES / 2;
