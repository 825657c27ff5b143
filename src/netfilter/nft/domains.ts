import { parseAddress } from '../address.js';
import { ICMP_NAMES, ICMP6_NAMES } from '../icmp-types.js';

/** A value in a register: numbers, addresses and flags as numbers, names as text. */
export type Datum = bigint | string;

/** How the symbols and numbers of a field are read. */
export interface Domain {
  /** `null` when the symbol is not known. */
  readonly parse: (symbol: unknown) => Datum | null;
  /** Whether a trailing `*` of a name is a wildcard. */
  readonly wildcards?: boolean;
  /** Width of a number that is compared by a prefix, as nft writes a mask of its highest bits. */
  readonly prefixBits?: number;
}

const NUMBER = /^(?:\d+|0x[\da-f]+)$/i;

const numeric = (symbol: unknown): bigint | null => {
  if (typeof symbol === 'boolean') return symbol ? 1n : 0n;
  if (typeof symbol === 'number') return Number.isSafeInteger(symbol) ? BigInt(symbol) : null;
  return typeof symbol === 'string' && NUMBER.test(symbol) ? BigInt(symbol) : null;
};

const symbols = (table: Readonly<Record<string, number>>): Domain => ({
  parse: (symbol) => {
    const number = numeric(symbol);
    if (number !== null || typeof symbol !== 'string') return number;
    const value = Object.hasOwn(table, symbol) ? table[symbol] : undefined;
    return value === undefined ? null : BigInt(value);
  },
});

const typesOf = (names: typeof ICMP_NAMES): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(names).map(([name, [type]]) => [name, type]));

export const integer: Domain = { parse: numeric };
export const mark: Domain = { parse: numeric, prefixBits: 32 };
export const name: Domain = {
  parse: (symbol) => (typeof symbol === 'string' || typeof symbol === 'number' ? String(symbol) : null),
};
export const interfaceName: Domain = { ...name, wildcards: true };
export const address: Domain = {
  parse: (symbol) => (typeof symbol === 'string' ? (parseAddress(symbol)?.value ?? null) : null),
};
export const mac: Domain = {
  parse: (symbol) =>
    typeof symbol === 'string' && /^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(symbol)
      ? BigInt(`0x${symbol.replaceAll(':', '')}`)
      : null,
  prefixBits: 48,
};
export const protocol = symbols({
  ip: 0,
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
  dccp: 33,
});
export const connectionState = symbols({ invalid: 1, established: 2, related: 4, new: 8, untracked: 64 });
export const connectionStatus = symbols({
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
});
export const direction = symbols({ original: 0, reply: 1 });
export const netProtocol = symbols({ ipv4: 2, ipv6: 10, arp: 3, netdev: 5, bridge: 7 });
export const etherType = symbols({ ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100, '8021q': 0x8100 });
export const arpOperation = symbols({
  request: 1,
  reply: 2,
  rrequest: 3,
  rreply: 4,
  inrequest: 8,
  inreply: 9,
  nak: 10,
});
export const packetType = symbols({ unicast: 0, host: 0, broadcast: 1, multicast: 2, other: 3 });
export const tcpFlags = symbols({ fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 });
export const icmpType = symbols(typesOf(ICMP_NAMES));
export const icmp6Type = symbols(typesOf(ICMP6_NAMES));
export const icmpCode = symbols({
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
});
export const icmp6Code = symbols({
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
});
