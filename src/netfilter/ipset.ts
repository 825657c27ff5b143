import type { NetnsState } from '../model/state.js';
import { type Ipset, type IpsetEntry, parseIpsetSave } from '../parse/ipset-save.js';
import { ParseError } from '../parse/parse-error.js';
import { networkHas, parseAddress, parseNetwork } from './address.js';
import { protocolOf } from './iptables/protocols.js';
import { protocolNumber } from './program.js';
import type { HookPacket } from './types.js';

type Sets = ReadonlyMap<string, Ipset>;

const known = new WeakMap<NetnsState, Sets | null>();

/** The sets of a namespace by name; `null` when they were not read. */
export const ipsetsOf = (state: NetnsState): Sets | null => {
  const before = known.get(state);
  if (before !== undefined) return before;
  const sets = readSets(state);
  known.set(state, sets);
  return sets;
};

const readSets = ({ ipsets }: NetnsState): Sets | null => {
  if (!ipsets?.ok) return null;
  try {
    return new Map(parseIpsetSave(ipsets.value).map((set) => [set.name, set]));
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
};

const MOST_NESTED = 8;

/**
 * Whether a set holds a packet, looked at in the directions that a rule names; `null` when that cannot be told.
 * @see ipset(8), ip_set_test in net/netfilter/ipset/ip_set_core.c
 */
export const ipsetContains = (
  sets: Sets,
  name: string,
  packet: HookPacket,
  directions: readonly string[],
  depth = 0,
): boolean | null => {
  const set = sets.get(name);
  if (set === undefined || depth > MOST_NESTED) return null;
  if (set.type === 'list:set') return inAny(sets, set, packet, directions, depth);
  const [, kinds = ''] = set.type.split(':');
  const dimensions = kinds.split(',');
  const isSix = set.options.get('family') === 'inet6';
  if (kinds !== 'port' && kinds !== 'mac' && isSix !== (packet.family === 6)) return false;
  return dimensions.length > 1 && dimensions.includes('net')
    ? mostSpecific(set, dimensions, packet, directions)
    : kinds === 'net'
      ? mostSpecific(set, dimensions, packet, directions)
      : anyEntry(set, dimensions, packet, directions);
};

const inAny = (
  sets: Sets,
  { entries }: Ipset,
  packet: HookPacket,
  directions: readonly string[],
  depth: number,
): boolean | null => {
  const answers = entries.map(({ element }) => ipsetContains(sets, element, packet, directions, depth + 1));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
};

const anyEntry = (
  { entries }: Ipset,
  dimensions: readonly string[],
  packet: HookPacket,
  directions: readonly string[],
): boolean | null => {
  let open = false;
  for (const entry of entries) {
    const answer = holds(entry, dimensions, packet, directions);
    if (answer === true) return true;
    if (answer === null) open = true;
  }
  return open ? null : false;
};

/** Of networks the longest one that holds the packet decides, which may say `nomatch`. */
const mostSpecific = (
  { entries }: Ipset,
  dimensions: readonly string[],
  packet: HookPacket,
  directions: readonly string[],
): boolean | null => {
  let best: { readonly length: number; readonly nomatch: boolean } | null = null;
  for (const entry of entries) {
    const answer = holds(entry, dimensions, packet, directions);
    if (answer === null) return null;
    const length = lengthOf(entry.element);
    if (answer && (best === null || length > best.length)) best = { length, nomatch: entry.nomatch };
  }
  return best !== null && !best.nomatch;
};

const lengthOf = (element: string): number =>
  element
    .split(',')
    .map((part) => {
      const [address = '', suffix] = part.split('/');
      return suffix === undefined ? (address.includes(':') ? 128 : 32) : Number(suffix);
    })
    .reduce((total, length) => total * 256 + length, 0);

const holds = (
  { element }: IpsetEntry,
  dimensions: readonly string[],
  packet: HookPacket,
  directions: readonly string[],
): boolean | null => {
  const parts = element.split(',');
  if (parts.length !== dimensions.length) return null;
  const answers = dimensions.map((kind, index) => {
    const direction = directions[index] ?? directions.at(-1);
    return holdsPart(kind, parts[index] ?? '', packet, direction === 'src' ? 'source' : 'destination');
  });
  return answers.includes(false) ? false : answers.includes(null) ? null : true;
};

const holdsPart = (kind: string, part: string, packet: HookPacket, side: 'source' | 'destination'): boolean | null => {
  switch (kind) {
    case 'ip':
    case 'net':
      return holdsAddress(part, packet[side]);
    case 'port':
      return holdsPort(part, packet, side);
    case 'iface': {
      const device = side === 'source' ? packet.iif : packet.oif;
      return part.startsWith('physdev:') ? null : device === part;
    }
    case 'mark': {
      const mark = Number(part);
      return Number.isNaN(mark) ? null : packet.mark === mark;
    }
    case 'mac':
      return packet.macSource === null ? null : packet.macSource.toLowerCase() === part.toLowerCase();
    default:
      return null;
  }
};

const holdsAddress = (part: string, text: string): boolean | null => {
  const address = parseAddress(text);
  const [low, high] = part.split('-').map(parseAddress);
  if (address === null) return null;
  if (low && high) return address.family === low.family && address.value >= low.value && address.value <= high.value;
  const network = parseNetwork(part);
  return network && networkHas(network, address);
};

/** `80`, `80-90`, `tcp:80`, `icmp:8/0`, `icmp:echo-request`. A port without protocol is that of TCP or UDP. */
const holdsPort = (part: string, packet: HookPacket, side: 'source' | 'destination'): boolean | null => {
  const [, protocol, range = ''] = /^(?:([a-z][\w-]*):)?(.*)$/i.exec(part) ?? [];
  if (protocol !== undefined && protocolOf(protocol) !== protocolNumber(packet)) return false;
  if (packet.protocol === 'icmp') {
    const [, type, code] = /^(\d+)\/(\d+)$/.exec(range) ?? [];
    if (packet.icmp === null || type === undefined) return protocol === undefined ? false : null;
    return packet.icmp.type === Number(type) && packet.icmp.code === Number(code);
  }
  const port = side === 'source' ? packet.sourcePort : packet.destinationPort;
  const [low, high = low] = range.split('-').map(Number);
  if (port === null || low === undefined || high === undefined || Number.isNaN(low)) return null;
  return port >= low && port <= high;
};
