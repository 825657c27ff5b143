import ipaddr from 'ipaddr.js';
import type { Flow } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import { NEIGHBOUR, PROTOCOL } from './icmp.js';

/** What the capture filter of one hop lets through, beside the flow itself. */
export interface FilterOptions {
  /** Further addresses of the flow, after NAT: the uplink's, the DNAT target's. */
  readonly addresses: readonly string[];
  /** Further destination ports of the flow, after NAT. */
  readonly ports: readonly number[];
  /** Let answers of the destination pass that come from another port than the one asked. */
  readonly anyPort?: boolean;
  /** Addresses whose neighbour discovery the flow needs: next hops, gateways, source, destination. */
  readonly neighbours: readonly string[];
  /** Payload bytes of the echo request. */
  readonly size: number;
  /** Tokens of further echo requests, with room for them in the payload. */
  readonly echoes?: readonly string[];
}

export const LONG_OFFSET = 24;

/**
 * Where `ping -p` leaves the token in the ICMP message: behind the 16 bytes of the time, which it leaves out of a shorter
 * payload; `null` when there is no room for it.
 */
export const tokenOffset = (size: number): number | null => {
  if (size >= 20) return LONG_OFFSET;
  return size >= 4 && size < 16 ? 8 : null;
};

/**
 * The BPF text that selects the flow in both directions whatever NAT did, its ICMP errors, and ARP or ND for the given
 * neighbours.
 * @see pcap-filter(7)
 */
export const captureFilter = (flow: Flow, token: string, options: FilterOptions): string => {
  const family = flow.family;
  const addresses = sameFamily([flow.destination, flow.source, ...options.addresses], family);
  const words = family === 4 ? filter4 : filter6;
  const parts = [
    flow.protocol === 'icmp'
      ? words.echo(addresses, token, tokenOffset(options.size))
      : ports(flow, options, addresses),
    ...(options.echoes ?? []).map((further) => words.echo(addresses, further, LONG_OFFSET)),
    words.errors(addresses),
    ...words.neighbours(sameFamily(options.neighbours, family)),
  ];
  return parts.map((part) => `(${part})`).join(' or ');
};

export const sameFamily = (addresses: readonly (string | null)[], family: 4 | 6): string[] => {
  const plain = addresses
    .filter((address) => address !== null)
    .map((address) => address.replace(/%.*$/, ''))
    .filter((address) => ipaddr.isValid(address) && ipaddr.parse(address).kind() === `ipv${family}`);
  return [...new Set(plain)];
};

export const anyOf = (parts: readonly string[]): string =>
  parts.length === 1 ? `${parts[0]}` : `(${parts.join(' or ')})`;
const hosts = (addresses: readonly string[]): string => anyOf(addresses.map((address) => `host ${address}`));

const ports = (flow: Flow, options: FilterOptions, addresses: readonly string[]): string => {
  const numbers = [...new Set([flow.port, ...options.ports].filter((port) => port !== null))];
  const port = numbers.length === 0 ? '' : ` and ${anyOf(numbers.map((number) => `port ${number}`))}`;
  const asked = `${flow.protocol}${port} and ${hosts(addresses)}`;
  return options.anyPort ? `(${asked}) or (${flow.protocol} and src host ${flow.destination})` : asked;
};

interface FilterWords {
  echo(addresses: readonly string[], token: string, offset: number | null): string;
  errors(addresses: readonly string[]): string;
  neighbours(addresses: readonly string[]): readonly string[];
}

export const oneOf = (field: string, values: readonly number[]): string =>
  anyOf(values.map((value) => `${field}=${value}`));

/** Quoted IP header: at 8 in the ICMP message, its source at 20, its destination at 24. */
const filter4: FilterWords = {
  echo: (addresses, token, offset) => {
    const echo = oneOf('icmp[0]', [ICMP_TYPE[4].request, ICMP_TYPE[4].reply]);
    return `${echo} and ${offset === null ? hosts(addresses) : `icmp[${offset}:4]=0x${token}`}`;
  },
  errors: (addresses) => {
    const quoted = addresses.map(ipv4Word).flatMap((word) => [`icmp[24:4]=${word}`, `icmp[20:4]=${word}`]);
    return `${oneOf('icmp[0]', ICMP_TYPE[4].errors)} and ${anyOf(quoted)}`;
  },
  neighbours: (addresses) => addresses.map((address) => `arp host ${address}`),
};

const IPV6_BYTES = 40;
const FRAGMENT_BYTES = 8;
const FRAGMENT = 44;

/** Fixed offsets in the IPv6 packet: no extension header before ICMPv6, but a fragment header where ping is too big. */
const filter6: FilterWords = {
  echo: (addresses, token, offset) => {
    const echoAt = (at: number): string => {
      const echo = oneOf(`ip6[${at}]`, [ICMP_TYPE[6].request, ICMP_TYPE[6].reply]);
      return `${echo} and ${offset === null ? hosts(addresses) : `ip6[${at + offset}:4]=0x${token}`}`;
    };
    const whole = `ip6[6]=${PROTOCOL.icmpv6} and ${echoAt(IPV6_BYTES)}`;
    const first = `ip6[6]=${FRAGMENT} and ip6[40]=${PROTOCOL.icmpv6} and ip6[42:2]&0xfff8=0`;
    return `(${whole}) or (${first} and ${echoAt(IPV6_BYTES + FRAGMENT_BYTES)})`;
  },
  errors: (addresses) => {
    const quoted = addresses.flatMap((address) => [ipv6Words(address, 72), ipv6Words(address, 56)]);
    return `ip6[6]=${PROTOCOL.icmpv6} and ${oneOf(`ip6[${IPV6_BYTES}]`, ICMP_TYPE[6].errors)} and ${anyOf(quoted)}`;
  },
  neighbours: (addresses) => {
    if (addresses.length === 0) return [];
    const types = oneOf(`ip6[${IPV6_BYTES}]`, [NEIGHBOUR.solicitation, NEIGHBOUR.advertisement]);
    const targets = anyOf(addresses.map((address) => ipv6Words(address, IPV6_BYTES + 8)));
    return [`ip6[6]=${PROTOCOL.icmpv6} and ${types} and ${targets}`];
  },
};

export const hexWord = (bytes: readonly number[]): string => `0x${Buffer.from(bytes).toString('hex')}`;

const ipv4Word = (address: string): string => hexWord(ipaddr.parse(address).toByteArray());

const ipv6Words = (address: string, offset: number): string => {
  const bytes = ipaddr.parse(address).toByteArray();
  const word = (index: number) => `ip6[${offset + index}:4]=${hexWord(bytes.slice(index, index + 4))}`;
  return `(${[0, 4, 8, 12].map(word).join(' and ')})`;
};
