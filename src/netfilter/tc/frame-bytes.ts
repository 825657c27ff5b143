import { parseAddress } from '../address.js';
import { etherTypeOf, isArp, protocolNumber } from '../program.js';
import type { HookPacket } from '../types.js';
import { type Bits, NOTHING } from './bits.js';

/** The bytes of an Ethernet frame as far as the packet tells them. */
export interface FrameBytes {
  /** Bytes of the whole frame. */
  readonly length: number;
  readonly etherType: number;
  /** Byte at an offset from the Ethernet header. */
  at(offset: number): Bits;
}

/** Bytes of an Ethernet header. */
export const ETHERNET = 14;

const PORTS = 2;
const TCP_FLAGS_AT = 13;
const TCP_FLAGS: readonly string[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
/** More fragments, and the upper bits of the offset: 0 in a packet that is whole. The bit beside, DF, is not known. */
const FRAGMENT_BITS = 0x3f;

/** Puts a number of so many bytes at an offset, in network order. */
type Put = (offset: number, size: number, value: bigint | number | null) => void;

/**
 * The frame around a packet without IP options. What a packet of the walk does not tell is not known: type of service,
 * identification, checksums, sequence numbers, payload.
 * @see RFC 791, RFC 8200, RFC 9293
 */
export const frameBytes = (packet: HookPacket): FrameBytes => {
  const bytes = new Map<number, Bits>();
  const put: Put = (offset, size, value) => {
    if (value === null) return;
    for (let index = 0; index < size; index++)
      bytes.set(offset + index, {
        value: Number((BigInt(value) >> BigInt(8 * (size - 1 - index))) & 0xffn),
        known: 0xff,
      });
  };
  const etherType = etherTypeOf(packet);
  put(0, 6, macNumber(packet.frame?.macDestination ?? null));
  put(6, 6, macNumber(packet.macSource));
  put(12, 2, etherType);
  if (!isArp(packet)) {
    if (packet.family === 4) putFour(packet, put);
    else putSix(packet, put);
    if (packet.family === 4) bytes.set(ETHERNET + 6, { value: 0, known: FRAGMENT_BITS });
    putTransport(packet, ETHERNET + (packet.family === 4 ? 20 : 40), put);
  }
  return { length: ETHERNET + packet.length, etherType, at: (offset) => bytes.get(offset) ?? NOTHING };
};

const macNumber = (mac: string | null): bigint | null =>
  mac !== null && /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(mac) ? BigInt(`0x${mac.replaceAll(':', '')}`) : null;

const addressNumber = (address: string): bigint | null => parseAddress(address)?.value ?? null;

const putFour = (packet: HookPacket, put: Put): void => {
  put(ETHERNET, 1, 0x45);
  put(ETHERNET + 2, 2, packet.length);
  put(ETHERNET + 7, 1, 0);
  put(ETHERNET + 8, 1, packet.ttl);
  put(ETHERNET + 9, 1, protocolNumber(packet));
  put(ETHERNET + 12, 4, addressNumber(packet.source));
  put(ETHERNET + 16, 4, addressNumber(packet.destination));
};

const putSix = (packet: HookPacket, put: Put): void => {
  put(ETHERNET + 4, 2, packet.length - 40);
  put(ETHERNET + 6, 1, protocolNumber(packet));
  put(ETHERNET + 7, 1, packet.ttl);
  put(ETHERNET + 8, 16, addressNumber(packet.source));
  put(ETHERNET + 24, 16, addressNumber(packet.destination));
};

const putTransport = (packet: HookPacket, at: number, put: Put): void => {
  if (packet.protocol === 'icmp') {
    put(at, 1, packet.icmp?.type ?? null);
    put(at + 1, 1, packet.icmp?.code ?? null);
    return;
  }
  put(at, PORTS, packet.sourcePort);
  put(at + PORTS, PORTS, packet.destinationPort);
  if (packet.protocol !== 'tcp') return;
  const flags = packet.tcpFlags.reduce((all, flag) => all | (1 << TCP_FLAGS.indexOf(flag)), 0);
  put(at + TCP_FLAGS_AT, 1, flags);
};
