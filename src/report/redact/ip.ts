import ipaddr from 'ipaddr.js';
import type { Family } from '../../model/flow.js';

/** An address as a number. */
export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

/** A network: an address whose host bits are zero, and the length of its prefix. */
export interface Network extends Ip {
  readonly length: number;
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The address that a text is; `null` for anything else. IPv6 in every form of RFC 4291, without a zone. */
export const parseIp = (text: string): Ip | null => {
  const v4 = IPV4.exec(text);
  if (v4) {
    const [a, b, c, d] = [Number(v4[1]), Number(v4[2]), Number(v4[3]), Number(v4[4])];
    if (a > 255 || b > 255 || c > 255 || d > 255) return null;
    return { family: 4, value: BigInt(((a << 24) | (b << 16) | (c << 8) | d) >>> 0) };
  }
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return null;
  return { family: 6, value: toNumber(ipaddr.IPv6.parse(text).toByteArray()) };
};

const toNumber = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const toBytes = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Number((value >> BigInt(8 * (count - 1 - index))) & 0xffn));

/** IPv6 as RFC 5952 writes it. */
export const formatIp = ({ family, value }: Ip): string => {
  if (family === 6) return new ipaddr.IPv6(toBytes(value, 16)).toRFC5952String();
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
};

/** The bytes of an address in network order. */
export const ipBytes = ({ family, value }: Ip): Buffer => Buffer.from(toBytes(value, bitsOf(family) / 8));

export const ipOfBytes = (bytes: Buffer): Ip => ({ family: bytes.length === 4 ? 4 : 6, value: toNumber([...bytes]) });

/** The network of an address; the host bits are cleared. */
export const networkOf = ({ family, value }: Ip, length: number): Network => {
  const host = BigInt(bitsOf(family) - length);
  return { family, value: (value >> host) << host, length };
};

export const contains = (network: Network, ip: Ip): boolean => {
  const host = BigInt(bitsOf(network.family) - network.length);
  return network.family === ip.family && network.value >> host === ip.value >> host;
};

/** Whether two networks have an address in common. */
export const overlap = (a: Network, b: Network): boolean => (a.length <= b.length ? contains(a, b) : contains(b, a));

/** The host part of an address in a network. */
export const hostPart = (network: Network, ip: Ip): bigint => ip.value - network.value;

/** @throws TypeError for anything but an address and a prefix length */
export const parseNetwork = (text: string): Network => {
  const [address = '', length = ''] = text.split('/');
  const ip = parseIp(address);
  if (ip === null || !/^\d+$/.test(length)) throw new TypeError(`not a network: ${text}`);
  return networkOf(ip, Number(length));
};

export const formatNetwork = (network: Network): string => `${formatIp(network)}/${network.length}`;
