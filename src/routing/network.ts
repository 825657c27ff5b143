import ipaddr from 'ipaddr.js';
import type { Family } from '../model/flow.js';

/** A network as numbers. */
export interface Network {
  readonly family: Family;
  readonly value: bigint;
  readonly length: number;
}

export const BITS = { 4: 32, 6: 128 } as const;

const [DOT, ZERO, NINE] = [46, 48, 57];

/** An IPv4 address without leading zeros as a number, digit by digit: by far the most are such. `null` for any other text. */
const readFour = (text: string): number | null => {
  let [value, part, digits, dots] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT && digits > 0) {
      value = value * 256 + part;
      dots += 1;
      part = 0;
      digits = 0;
    } else if (code >= ZERO && code <= NINE && !(digits > 0 && part === 0)) {
      part = part * 10 + code - ZERO;
      digits += 1;
      if (part > 255) return null;
    } else return null;
  }
  return dots === 3 && digits > 0 ? value * 256 + part : null;
};

/** The address as a number and its family; `null` when the text is no address. A zone (`%eth0`) is ignored. */
export const parseAddress = (text: string): { readonly family: Family; readonly value: bigint } | null => {
  const four = readFour(text);
  if (four !== null) return { family: 4, value: BigInt(four) };
  const bare = text.split('%', 1)[0] ?? '';
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(bare);
  if (!isFour && !(bare.includes(':') && ipaddr.IPv6.isValid(bare))) return null;
  const bytes = (isFour ? ipaddr.IPv4.parse(bare) : ipaddr.IPv6.parse(bare)).toByteArray();
  return { family: isFour ? 4 : 6, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
};

/** A network in CIDR form; `null` when the text is none. */
export const parseNetwork = (cidr: string): Network | null => {
  const [host = '', suffix] = cidr.split('/');
  const address = parseAddress(host);
  if (address === null) return null;
  const length = suffix === undefined ? BITS[address.family] : Number(suffix);
  if (!Number.isInteger(length) || length < 0 || length > BITS[address.family]) return null;
  return { ...address, length };
};

export const holds = (network: Network, value: bigint): boolean => {
  const shift = BigInt(BITS[network.family] - network.length);
  return network.value >> shift === value >> shift;
};

/** Number of leading bits that two addresses of one family share. */
export const commonPrefix = (family: Family, one: bigint, other: bigint): number => {
  const differing = (one ^ other).toString(2);
  return one === other ? BITS[family] : BITS[family] - differing.length;
};

/** Whether an address text lies in a network; `null` is every address, and an unknown address lies in none but all. */
export const addressIn = (cidr: string | null, address: string | null): boolean => {
  if (cidr === null) return true;
  const network = parseNetwork(cidr);
  if (network === null) return false;
  const value = address === null ? 0n : parseAddress(address)?.value;
  return value !== undefined && holds(network, value);
};
