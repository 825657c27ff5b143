import type { Packet, Sighting } from '../../model/packet.js';
import type { Hop } from '../../model/path.js';
import type { Arrived, TraceState } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';
import { filled, type Line, line, plainText, span, type Tone } from './line.js';

/** Local time of day with microseconds. */
const timeOf = (at: number): string => {
  const micros = Math.round(at * 1000);
  const date = new Date(Math.floor(micros / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(micros % 1_000_000).padStart(6, '0')}`;
};

const words = ({ kind, probe, packet }: Sighting): string => {
  const number = probe === null ? '' : ` seq ${probe}`;
  if (packet.arp)
    return packet.arp.operation === 'request'
      ? `arp who-has ${packet.arp.targetAddress} tell ${packet.arp.senderAddress}`
      : `arp ${packet.arp.senderAddress} is-at ${packet.arp.senderMac}`;
  if (kind === 'icmp-error') return `icmp error type ${packet.icmp?.type} code ${packet.icmp?.code}${number}`;
  if (packet.tcp) return `tcp ${packet.tcp.flags.join(',')}${number}`;
  if (packet.udp) return `udp ${kind}${number}`;
  if (packet.icmp?.target) return `${kind.replace('-', ' ')} ${packet.icmp.target}`;
  return `echo ${kind}${number}`;
};

const addresses = ({ ip }: Packet, glyphs: Glyphs): string =>
  ip ? `${ip.source} ${glyphs.arrow} ${ip.destination}` : '';

const TONE: Readonly<Record<Sighting['kind'], Tone>> = {
  request: 'plain',
  reply: 'ok',
  'icmp-error': 'fault',
  'neighbour-request': 'faint',
  'neighbour-reply': 'faint',
};

export interface PacketWish {
  /** Hops whose packets are shown; `null` for all. */
  readonly hops: readonly string[] | null;
  readonly filter: string;
  readonly columns: number;
  readonly glyphs: Glyphs;
}

/** The packets that have arrived, the oldest first, with the last sighting of each request that got lost marked. */
export const packetLines = (state: TraceState, { hops, filter, columns, glyphs }: PacketWish): readonly Line[] => {
  const known = new Map((state.path?.hops ?? []).map((hop) => [hop.id, hop]));
  const chosen = state.packets
    .filter(({ sighting }) => hops === null || hops.includes(sighting.hop))
    .sort((one, other) => one.at - other.at);
  const ends = state.run?.diagnosis.direction === 'forward' ? state.run.diagnosis.brokenLink?.from : undefined;
  const rows = chosen.map((arrived) => packetRow(arrived, known.get(arrived.sighting.hop), { columns, glyphs, ends }));
  const all = [...rows, ...silentRows(state, hops)];
  return filter === '' ? all : all.filter((row) => plainText(row).toLowerCase().includes(filter.toLowerCase()));
};

interface RowWish {
  readonly columns: number;
  readonly glyphs: Glyphs;
  readonly ends: string | undefined;
}

const label = (hop: Hop): string => `${hop.id.slice(1)} ${hop.ifname ?? hop.role}`;

const packetRow = ({ at, sighting }: Arrived, hop: Hop | undefined, { columns, glyphs, ends }: RowWish): Line => {
  const last = sighting.kind === 'request' && sighting.hop === ends ? '  last seen' : '';
  const route = columns >= 90 ? filled(addresses(sighting.packet, glyphs), 34) : '';
  return [
    span(`${timeOf(at)} `, 'faint'),
    span(`${filled(hop ? label(hop) : sighting.hop, 12)} `, 'strong'),
    span(route === '' ? '' : `${route} `),
    span(words(sighting), TONE[sighting.kind]),
    span(last, 'fault'),
  ];
};

/** Hops at which a capture ran and saw nothing. */
const silentRows = (state: TraceState, hops: readonly string[] | null): readonly Line[] =>
  (state.run?.path.hops ?? [])
    .filter(
      ({ id, captured, forward, return: back }) =>
        captured && forward.seen + back.seen === 0 && (hops === null || hops.includes(id)),
    )
    .map((hop) => [
      span(' '.repeat(16)),
      span(`${filled(label(hop), 12)} `, 'strong'),
      span(
        `nothing of ${hop.forward.of} probes${(hop.captureDropped ?? 0) > 0 ? `; ${hop.captureDropped} lost by the capture` : ''}`,
        'faint',
      ),
    ]);

export const NO_PACKETS: Line = line('nothing captured yet', 'faint');
