import type { CapturedFrame } from '../../model/packet.js';
import type { AddressBook } from './address-book.js';
import { updateChecksum } from './checksum.js';
import { ipBytes, ipOfBytes } from './ip.js';

/** A frame that cannot be taken apart whole: what it holds is not known, so it is left out. */
class Unknown extends Error {}

const MACS = 12;
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];
const ECHO: readonly number[] = [0, 8, 128, 129];
const ERRORS_4: readonly number[] = [3, 4, 5, 11, 12];
const ERRORS_6: readonly number[] = [1, 2, 3, 4];
const REDIRECT = 5;
const NEIGHBOUR: readonly number[] = [135, 136];
/** A ping's payload is a time and a pattern; no more of it is needed to recognise the probe. */
const ECHO_BYTES = 64;

/**
 * The frame with aliases for all addresses, in quoted headers and ARP as well, checksums brought up to date, and nothing
 * behind the transport headers; `null` when it holds what this program cannot take apart.
 */
export const redactFrame = (frame: CapturedFrame, book: AddressBook): CapturedFrame | null => {
  try {
    const bytes = Buffer.from(frame.data, 'base64');
    const end = redactLink(bytes, frame.linkType, book);
    return { ...frame, data: bytes.subarray(0, end).toString('base64') };
  } catch (error) {
    if (error instanceof Unknown || error instanceof RangeError) return null;
    throw error;
  }
};

/** All of these change the bytes in place and return where what may be kept ends. */
const redactLink = (bytes: Buffer, linkType: number, book: AddressBook): number => {
  if (linkType === 1) {
    for (const at of [0, 6]) writeMac(bytes, at, book);
    return redactTagged(bytes, MACS, book);
  }
  if (linkType === 12 || linkType === 101) return redactIp(bytes, 0, book);
  if (linkType === 113) {
    if (bytes.readUInt16BE(4) === 6) writeMac(bytes, 6, book);
    return redactTagged(bytes, 14, book);
  }
  if (linkType === 276) {
    if (bytes.readUInt8(11) === 6) writeMac(bytes, 12, book);
    return redactNetwork(bytes, bytes.readUInt16BE(0), 20, book);
  }
  throw new Unknown();
};

const redactTagged = (bytes: Buffer, start: number, book: AddressBook): number => {
  let at = start;
  while (VLAN_TAGS.includes(bytes.readUInt16BE(at))) at += 4;
  return redactNetwork(bytes, bytes.readUInt16BE(at), at + 2, book);
};

const redactNetwork = (bytes: Buffer, etherType: number, at: number, book: AddressBook): number => {
  if (etherType === 0x0800 || etherType === 0x86dd) return redactIp(bytes, at, book);
  if (etherType === 0x0806) return redactArp(bytes, at, book);
  throw new Unknown();
};

const redactArp = (bytes: Buffer, at: number, book: AddressBook): number => {
  if (bytes.toString('hex', at, at + 6) !== '000108000604' || at + 28 > bytes.length) throw new Unknown();
  for (const mac of [at + 8, at + 18]) writeMac(bytes, mac, book);
  for (const ip of [at + 14, at + 24]) writeAlias(bytes, ip, 4, book);
  return at + 28;
};

const redactIp = (bytes: Buffer, at: number, book: AddressBook): number =>
  bytes.readUInt8(at) >> 4 === 6 ? redactIpv6(bytes, at, book) : redactIpv4(bytes, at, book);

const redactIpv4 = (bytes: Buffer, at: number, book: AddressBook): number => {
  if (bytes.readUInt8(at) !== 0x45 || at + 20 > bytes.length) throw new Unknown();
  const before = Buffer.from(bytes.subarray(at + 12, at + 20));
  for (const ip of [at + 12, at + 16]) writeAlias(bytes, ip, 4, book);
  const after = bytes.subarray(at + 12, at + 20);
  bytes.writeUInt16BE(updateChecksum(bytes.readUInt16BE(at + 10), before, after), at + 10);
  const end = Math.min(bytes.length, at + bytes.readUInt16BE(at + 2));
  const fragment = bytes.readUInt16BE(at + 6) & 0x1fff;
  return redactTransport(bytes, at + 20, end, bytes.readUInt8(at + 9), fragment, { before, after }, book);
};

/** Extension headers may hold addresses; only a fragment header is known here. */
const redactIpv6 = (bytes: Buffer, at: number, book: AddressBook): number => {
  if (at + 40 > bytes.length) throw new Unknown();
  const before = Buffer.from(bytes.subarray(at + 8, at + 40));
  for (const ip of [at + 8, at + 24]) writeAlias(bytes, ip, 16, book);
  const after = bytes.subarray(at + 8, at + 40);
  const end = Math.min(bytes.length, at + 40 + bytes.readUInt16BE(at + 4));
  const next = bytes.readUInt8(at + 6);
  if (next !== 44) return redactTransport(bytes, at + 40, end, next, 0, { before, after }, book);
  const fragment = bytes.readUInt16BE(at + 42) >> 3;
  return redactTransport(bytes, at + 48, end, bytes.readUInt8(at + 40), fragment, { before, after }, book);
};

interface Pseudo {
  readonly before: Buffer;
  readonly after: Buffer;
}

const redactTransport = (
  bytes: Buffer,
  at: number,
  end: number,
  protocol: number,
  fragment: number,
  pseudo: Pseudo,
  book: AddressBook,
): number => {
  if (fragment > 0) return at;
  if (protocol === 6) return redactPorts(bytes, at, end, 16, 20, pseudo);
  if (protocol === 17) return redactPorts(bytes, at, end, 6, 8, pseudo);
  if (protocol === 1) return redactIcmp(bytes, at, end, 4, { before: Buffer.alloc(0), after: Buffer.alloc(0) }, book);
  if (protocol === 58) return redactIcmp(bytes, at, end, 6, pseudo, book);
  throw new Unknown();
};

/** TCP and UDP: the checksum covers the addresses; a UDP checksum of 0 is none. Payload is left out. */
const redactPorts = (
  bytes: Buffer,
  at: number,
  end: number,
  checksumAt: number,
  header: number,
  { before, after }: Pseudo,
): number => {
  if (at + checksumAt + 2 <= end) {
    const checksum = bytes.readUInt16BE(at + checksumAt);
    if (checksum !== 0 || header === 20) bytes.writeUInt16BE(updateChecksum(checksum, before, after), at + checksumAt);
  }
  const options = header === 20 && at + 13 <= end ? (bytes.readUInt8(at + 12) >> 4) * 4 : header;
  return Math.min(end, at + options);
};

const redactIcmp = (
  bytes: Buffer,
  at: number,
  end: number,
  family: 4 | 6,
  pseudo: Pseudo,
  book: AddressBook,
): number => {
  if (at + 8 > end) return Math.min(end, at + 4);
  const type = bytes.readUInt8(at);
  const original = Buffer.from(bytes.subarray(at, end));
  const kept = icmpBody(bytes, at, end, type, family, book);
  const changed = Buffer.from(bytes.subarray(at, end));
  original.writeUInt16BE(0, 2);
  changed.writeUInt16BE(0, 2);
  const checksum = updateChecksum(
    updateChecksum(bytes.readUInt16BE(at + 2), pseudo.before, pseudo.after),
    even(original),
    even(changed),
  );
  bytes.writeUInt16BE(checksum, at + 2);
  return kept;
};

const icmpBody = (bytes: Buffer, at: number, end: number, type: number, family: 4 | 6, book: AddressBook): number => {
  if (ECHO.includes(type)) return Math.min(end, at + ECHO_BYTES);
  if (family === 4 && ERRORS_4.includes(type)) {
    if (type === REDIRECT) writeAlias(bytes, at + 4, 4, book);
    return quoted(bytes, at + 8, end, book);
  }
  if (family === 6 && ERRORS_6.includes(type)) return quoted(bytes, at + 8, end, book);
  if (family === 6 && NEIGHBOUR.includes(type) && at + 24 <= end) return redactNeighbour(bytes, at, end, book);
  throw new Unknown();
};

/** The packet that an error quotes; extensions behind it may hold addresses and are left out. */
const quoted = (bytes: Buffer, at: number, end: number, book: AddressBook): number => {
  const inner = Buffer.from(bytes.subarray(at, end));
  const kept = redactIp(inner, 0, book);
  inner.copy(bytes, at);
  return at + kept;
};

/** Target address, and link-layer address options. */
const redactNeighbour = (bytes: Buffer, at: number, end: number, book: AddressBook): number => {
  writeAlias(bytes, at + 8, 16, book);
  let option = at + 24;
  while (option + 8 <= end) {
    const [type, length] = [bytes.readUInt8(option), bytes.readUInt8(option + 1) * 8];
    if ((type !== 1 && type !== 2) || length !== 8) break;
    writeMac(bytes, option + 2, book);
    option += length;
  }
  return option;
};

const even = (bytes: Buffer): Buffer => (bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]));

const writeAlias = (bytes: Buffer, at: number, length: 4 | 16, book: AddressBook): void => {
  if (at + length > bytes.length) throw new Unknown();
  const ip = ipOfBytes(bytes.subarray(at, at + length));
  ipBytes({ family: ip.family, value: book.aliasValue(ip) }).copy(bytes, at);
};

/** A group address of IPv6 follows the address that it was made from. */
const writeMac = (bytes: Buffer, at: number, book: AddressBook): void => {
  if (at + 6 > bytes.length) throw new Unknown();
  const mac = BigInt(`0x${bytes.toString('hex', at, at + 6)}`);
  const solicited = mac >> 24n === 0x3333ffn;
  const alias = solicited ? (0x3333ffn << 24n) | book.lastBits(mac & 0xffffffn) : book.macs.aliasNumber(mac);
  Buffer.from(alias.toString(16).padStart(12, '0'), 'hex').copy(bytes, at);
};
