import ipaddr from 'ipaddr.js';
import type { Family } from '../model/flow.js';

/** An address as the number that the kernel compares. */
export interface NumericAddress {
  readonly family: Family;
  readonly value: bigint;
}

const known = new Map<string, NumericAddress | null>();
const KNOWN_LIMIT = 10_000;

/** Reads an IPv4 address in four parts or an IPv6 address; `null` for anything else. */
export const parseAddress = (text: string): NumericAddress | null => {
  const before = known.get(text);
  if (before !== undefined) return before;
  const address = readAddress(text);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, address);
  return address;
};

const readAddress = (text: string): NumericAddress | null => {
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(text);
  if (!isFour && !(text.includes(':') && ipaddr.IPv6.isValid(text))) return null;
  const bytes = isFour ? ipaddr.IPv4.parse(text).toByteArray() : ipaddr.IPv6.parse(text).toByteArray();
  return { family: isFour ? 4 : 6, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
};

const WIDTH = { 4: 32n, 6: 128n } as const;

/** Mask of a prefix length: `/24` is 0xffffff00. */
export const prefixMask = (family: Family, length: number): bigint => {
  const bits = WIDTH[family];
  const host = bits - BigInt(Math.min(Math.max(length, 0), Number(bits)));
  return ((1n << bits) - 1n) ^ ((1n << host) - 1n);
};

/** Writes a number as an address. */
export const formatAddress = ({ family, value }: NumericAddress): string => {
  const bytes = Array.from({ length: Number(WIDTH[family] / 8n) }, (_, index) =>
    Number((value >> (WIDTH[family] - 8n * BigInt(index + 1))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
};

export interface Network {
  readonly family: Family;
  readonly value: bigint;
  readonly mask: bigint;
}

/** Reads `10.0.0.0/8`, `10.0.0.0/255.0.0.255`, `10.0.0.1`, and the same for IPv6; `null` for anything else. */
export const parseNetwork = (text: string): Network | null => {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === null) return null;
  const { family } = address;
  const suffix = slash === -1 ? String(WIDTH[family]) : text.slice(slash + 1);
  if (/^\d+$/.test(suffix)) {
    if (BigInt(suffix) > WIDTH[family]) return null;
    const mask = prefixMask(family, Number(suffix));
    return { family, value: address.value & mask, mask };
  }
  const mask = parseAddress(suffix);
  return mask?.family === family ? { family, value: address.value & mask.value, mask: mask.value } : null;
};

export const networkHas = (network: Network, address: NumericAddress): boolean =>
  network.family === address.family && (address.value & network.mask) === network.value;
