import ipaddr from 'ipaddr.js';

/** Highest number of addresses of a subnet that are looked at for a free one. */
const MAX_TRIED = 65_534;

const numberOf = (address: string): number =>
  ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);

const textOf = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** An IPv4 subnet by its first address and its size. */
export interface Subnet4 {
  readonly first: number;
  readonly size: number;
  readonly prefixLength: number;
}

/** The subnet of `192.168.0.7/24`, or `null` for a text that names none. A bare address is a subnet of its own. */
export const subnetOf = (text: string): Subnet4 | null => {
  const [address = '', length = '32'] = text.split('/');
  const prefixLength = Number(length);
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) || !/^\d{1,2}$/.test(length) || prefixLength > 32) return null;
  const size = 2 ** (32 - prefixLength);
  return { first: Math.floor(numberOf(address) / size) * size, size, prefixLength };
};

export const subnetText = ({ first, prefixLength }: Subnet4): string => `${textOf(first)}/${prefixLength}`;

export const contains = ({ first, size }: Subnet4, address: string): boolean => {
  const value = numberOf(address);
  return value >= first && value < first + size;
};

export const overlap = (one: Subnet4, other: Subnet4): boolean =>
  one.first < other.first + other.size && other.first < one.first + one.size;

/** The n-th address, counted from the subnet's own (0). */
export const nth = ({ first }: Subnet4, n: number): string => textOf(first + n);

/** Place of an address in its subnet. */
export const placeOf = ({ first }: Subnet4, address: string): number => numberOf(address) - first;

/** Whether a host can have this address: neither the subnet's own nor its broadcast address. */
export const isHostAddress = (subnet: Subnet4, address: string): boolean =>
  contains(subnet, address) && placeOf(subnet, address) > 0 && placeOf(subnet, address) < subnet.size - 1;

/** The first host address that nobody has, from the low or the high end; `null` when all are taken. */
export const freeAddress = (subnet: Subnet4, taken: ReadonlySet<string>, from: 'low' | 'high'): string | null => {
  const last = Math.min(subnet.size - 2, MAX_TRIED);
  for (let n = 1; n <= last; n += 1) {
    const address = nth(subnet, from === 'low' ? n : subnet.size - 1 - n);
    if (!taken.has(address)) return address;
  }
  return null;
};
