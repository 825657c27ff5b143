import ipaddr from 'ipaddr.js';
import type { IpHeader } from '../model/packet.js';

/** An IP header with the bounds of what it carries. */
export interface IpLayer {
  readonly header: IpHeader;
  /** Where the transport header begins. */
  readonly offset: number;
  /** Where the packet ends: the captured bytes or the packet's own length, whichever is shorter. */
  readonly end: number;
  /** Where it would end by its own length alone. */
  readonly wholeEnd: number;
}

const IPV6_HEADER_BYTES = 40;
const EXTENSIONS: readonly number[] = [0, 43, 60, 135, 139, 140];
const FRAGMENT = 44;
const AUTHENTICATION = 51;

/** The text of an IPv6 address in a packet, as RFC 5952 writes it. */
export const ipv6Text = (bytes: Buffer, offset: number): string =>
  new ipaddr.IPv6([...bytes.subarray(offset, offset + 16)]).toRFC5952String();

/**
 * Reads an IPv6 header and walks its extension headers; `null` when the bytes end first. `cap`'s decoder prints no valid
 * addresses and never returns on ESP.
 * @see RFC 8200 §4
 */
export const readIpv6 = (bytes: Buffer, offset: number): IpLayer | null => {
  if (offset + IPV6_HEADER_BYTES > bytes.length || bytes.readUInt8(offset) >> 4 !== 6) return null;
  const wholeEnd = offset + IPV6_HEADER_BYTES + bytes.readUInt16BE(offset + 4);
  const end = Math.min(bytes.length, wholeEnd);
  let protocol = bytes.readUInt8(offset + 6);
  let at = offset + IPV6_HEADER_BYTES;
  let fragment = { id: null as number | null, offset: 0, more: false };
  while (fragment.offset === 0) {
    const length = extensionLength(bytes, at, end, protocol);
    if (length === null) return null;
    if (length === 0) break;
    if (protocol === FRAGMENT) fragment = readFragment(bytes, at);
    protocol = bytes.readUInt8(at);
    at += length;
  }
  return {
    header: {
      family: 6,
      source: ipv6Text(bytes, offset + 8),
      destination: ipv6Text(bytes, offset + 24),
      protocol,
      ttl: bytes.readUInt8(offset + 7),
      id: fragment.id,
      dontFragment: false,
      fragmentOffset: fragment.offset,
      moreFragments: fragment.more,
    },
    offset: at,
    end,
    wholeEnd,
  };
};

/** Bytes of the extension header; 0 when it is none; `null` when it does not fit. */
const extensionLength = (bytes: Buffer, at: number, end: number, protocol: number): number | null => {
  const known = EXTENSIONS.includes(protocol) || protocol === FRAGMENT || protocol === AUTHENTICATION;
  if (!known) return 0;
  if (at + 8 > end) return null;
  const units = bytes.readUInt8(at + 1);
  const length = protocol === FRAGMENT ? 8 : protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
  return at + length > end ? null : length;
};

const readFragment = (bytes: Buffer, at: number) => {
  const word = bytes.readUInt16BE(at + 2);
  return { id: bytes.readUInt32BE(at + 4), offset: word & 0xfff8, more: (word & 1) === 1 };
};
