import { networkHas, parseAddress, parseNetwork } from './address.js';
import type { Match } from './program.js';
import { unknown, unknownMatch } from './program.js';
import type { HookPacket } from './types.js';

/** All must hold: one `no` is enough for no, whatever the others would need to know. */
export const allOf = (matches: readonly Match[]): Match => {
  const [only] = matches;
  if (matches.length === 1 && only) return only;
  return (packet, scene) => {
    let open: ReturnType<Match> = true;
    for (const match of matches) {
      const result = match(packet, scene);
      if (result === false) return false;
      if (result !== true && open === true) open = result;
    }
    return open;
  };
};

export type Side = 'source' | 'destination';

/** Whether the address lies in a network in any spelling of iptables, `/255.0.0.255` included. */
export const addressIn = (side: Side, text: string): Match => {
  const network = parseNetwork(text);
  if (network === null) return unknownMatch(`${text} is not an address`);
  return (packet) => {
    const address = parseAddress(packet[side]);
    return address === null ? unknown(`the ${side} address is not known`) : networkHas(network, address);
  };
};

/** Whether the address lies between two, both included (`10.0.0.1-10.0.0.9`). */
export const addressBetween = (side: Side, text: string): Match => {
  const [low, high] = text.split('-').map(parseAddress);
  if (!low || !high) return unknownMatch(`${text} is not a range of addresses`);
  return (packet) => {
    const address = parseAddress(packet[side]);
    if (address === null) return unknown(`the ${side} address is not known`);
    return address.family === low.family && address.value >= low.value && address.value <= high.value;
  };
};

/** Interface names of iptables: `eth0`, `eth+`. A packet without the interface has an empty name, as in the kernel. */
export const deviceNamed = (field: 'iif' | 'oif' | 'physIn' | 'physOut', pattern: string): Match =>
  pattern.endsWith('+')
    ? (packet) => (packet[field] ?? '').startsWith(pattern.slice(0, -1))
    : (packet) => packet[field] === pattern;

export type Range = readonly [number, number];

export const inRanges = (ranges: readonly Range[], value: number): boolean =>
  ranges.some(([low, high]) => value >= low && value <= high);

/** Whether the packet has ports, and the one on this side lies in a range. */
export const portIn = (side: Side, ranges: readonly Range[]): Match => {
  const field = side === 'source' ? 'sourcePort' : 'destinationPort';
  return (packet) => {
    if (packet.protocol === 'icmp') return false;
    const port = packet[field];
    return port === null ? unknown(`the ${side} port is not known`) : inRanges(ranges, port);
  };
};

export const TCP_FLAG_BITS: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ECE: 64,
  CWR: 128,
};

export const tcpFlagBits = (flags: readonly string[]): number =>
  flags.reduce((bits, flag) => bits | (TCP_FLAG_BITS[flag] ?? 0), 0);

/** `(value & mask) == wanted` on the packet mark or a mark that may be unknown. */
export const markIs = (read: (packet: HookPacket) => number | null, value: number, mask: number): Match => {
  const wanted = value >>> 0;
  return (packet) => {
    const mark = read(packet);
    return mark === null ? unknown('the mark of the connection was not read') : (mark & mask) >>> 0 === wanted;
  };
};
