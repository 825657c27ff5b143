import type { IptablesExtension, IptablesOption } from '../../parse/iptables-save.js';
import type { Range } from '../field-matches.js';
import {
  addressBetween,
  allOf,
  deviceNamed,
  inRanges,
  markIs,
  portIn,
  TCP_FLAG_BITS,
  tcpFlagBits,
} from '../field-matches.js';
import { ICMP_NAMES, ICMP6_NAMES } from '../icmp-types.js';
import type { Match } from '../program.js';
import { connectionMark, hasConnection, invertIf, unknown, unknownMatch } from '../program.js';
import type { AddressType } from '../types.js';
import { conntrackMatch, stateMatch } from './conntrack-match.js';
import { parseMark, parsePorts } from './values.js';

type OptionMatches = Readonly<Record<string, (option: IptablesOption) => Match>>;

/** Every option of the extension must hold; one that is not in the table makes the answer unknown. */
const options =
  (table: OptionMatches) =>
  (extension: IptablesExtension): Match =>
    allOf(
      extension.options.map((option) => {
        const build = Object.hasOwn(table, option.name) ? table[option.name] : undefined;
        if (build === undefined) return unknownMatch(`${extension.name} ${option.name} is not modelled`);
        return invertIf(option.negated, build(option));
      }),
    );

const value = (option: IptablesOption): string => option.values[0] ?? '';

const portRange = (option: IptablesOption): readonly Range[] => parsePorts(value(option)) ?? [];

const ports: OptionMatches = {
  '--sport': (option) => portIn('source', portRange(option)),
  '--dport': (option) => portIn('destination', portRange(option)),
  '--source-port': (option) => portIn('source', portRange(option)),
  '--destination-port': (option) => portIn('destination', portRange(option)),
};

const flagList = (text: string): number => {
  if (text === 'ALL') return tcpFlagBits(Object.keys(TCP_FLAG_BITS)) & 63;
  return text === 'NONE' ? 0 : tcpFlagBits(text.split(','));
};

const tcpFlags = (mask: string, set: string): Match => {
  const [bits, wanted] = [flagList(mask), flagList(set)];
  return (packet) => (tcpFlagBits(packet.tcpFlags) & bits) === wanted;
};

const tcp: OptionMatches = {
  ...ports,
  '--tcp-flags': ({ values: [mask = '', set = ''] }) => tcpFlags(mask, set),
  '--syn': () => tcpFlags('FIN,SYN,RST,ACK', 'SYN'),
};

const either = (left: Match, right: Match): Match => {
  const neither = allOf([invertIf(true, left), invertIf(true, right)]);
  return invertIf(true, neither);
};

const multiport: OptionMatches = {
  '--sports': (option) => portIn('source', portRange(option)),
  '--dports': (option) => portIn('destination', portRange(option)),
  '--source-ports': (option) => portIn('source', portRange(option)),
  '--destination-ports': (option) => portIn('destination', portRange(option)),
  '--ports': (option) => either(portIn('source', portRange(option)), portIn('destination', portRange(option))),
};

const icmpType =
  (names: typeof ICMP_NAMES) =>
  (option: IptablesOption): Match => {
    const text = value(option);
    if (text === 'any' || text === '255') return () => true;
    const [, type, code] = /^(\d+)(?:\/(\d+))?$/.exec(text) ?? [];
    const wanted =
      type !== undefined
        ? ([Number(type), Number(code ?? 0), Number(code ?? 255)] as const)
        : Object.hasOwn(names, text)
          ? names[text]
          : undefined;
    if (wanted === undefined) return unknownMatch(`ICMP type ${text} is not known`);
    const [number, low, high] = wanted;
    return ({ icmp }) => {
      if (icmp === null) return unknown('the ICMP type is not known');
      return icmp.type === number && icmp.code >= low && icmp.code <= high;
    };
  };

const ADDRESS_TYPES = new Set([
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
]);

const addrtype = (extension: IptablesExtension): Match => {
  const limits = new Set(extension.options.map((option) => option.name));
  const device = limits.has('--limit-iface-in') ? 'iif' : limits.has('--limit-iface-out') ? 'oif' : null;
  const typeOf =
    (side: 'source' | 'destination') =>
    (option: IptablesOption): Match => {
      const wanted = value(option).split(',');
      if (!wanted.every((type) => ADDRESS_TYPES.has(type)))
        return unknownMatch(`address type ${value(option)} is not modelled`);
      return (packet, { context }) => {
        const limit = device === null ? null : packet[device];
        const type: AddressType | null = context.addressType(packet[side], ...(limit === null ? [] : [limit]));
        return type === null
          ? unknown(`the type of ${packet[side]} is not known`)
          : wanted.includes(type.toUpperCase());
      };
    };
  return options({
    '--src-type': typeOf('source'),
    '--dst-type': typeOf('destination'),
    '--limit-iface-in': () => () => true,
    '--limit-iface-out': () => () => true,
  })(extension);
};

const numberIs = (
  field: 'length' | 'ttl',
  compare: (packet: number, wanted: readonly Range[]) => boolean,
): ((option: IptablesOption) => Match) => {
  return (option) => {
    const wanted = parsePorts(value(option)) ?? [];
    return (packet) => compare(packet[field], wanted);
  };
};

const hops = (prefix: string): OptionMatches => ({
  [`--${prefix}-eq`]: numberIs('ttl', (ttl, ranges) => inRanges(ranges, ttl)),
  [`--${prefix}-lt`]: numberIs('ttl', (ttl, ranges) => ranges.some(([wanted]) => ttl < wanted)),
  [`--${prefix}-gt`]: numberIs('ttl', (ttl, ranges) => ranges.some(([wanted]) => ttl > wanted)),
});

const physdev: OptionMatches = {
  '--physdev-in': (option) => deviceNamed('physIn', value(option)),
  '--physdev-out': (option) => deviceNamed('physOut', value(option)),
  '--physdev-is-in': () => (packet) => packet.physIn !== null,
  '--physdev-is-out': () => (packet) => packet.physOut !== null,
  '--physdev-is-bridged': () => (packet) => packet.physIn !== null && packet.physOut !== null,
};

const mark =
  (read: Parameters<typeof markIs>[0]) =>
  (option: IptablesOption): Match => {
    const parsed = parseMark(value(option));
    return parsed === null
      ? unknownMatch(`mark ${value(option)} is not a number`)
      : markIs(read, parsed.value, parsed.mask);
  };

/** Only a locally made packet has an owner; without one, a rule matches when all its options are negated. */
const owner = (extension: IptablesExtension): Match => {
  const answerWithout = extension.options.every((option) => option.negated);
  return (packet, { hook }) =>
    packet.iif === null && (hook === 'output' || hook === 'postrouting')
      ? unknown('the owner of the sending socket is not known')
      : answerWithout;
};

const rpfilter = (extension: IptablesExtension): Match => {
  const names = new Set(extension.options.map((option) => option.name));
  return invertIf(names.has('--invert'), (packet, { context }) => {
    if (packet.iif === 'lo') return true;
    return context.reversePathOk?.(packet, names.has('--loose')) ?? unknown('the route back was not looked up');
  });
};

const pkttype: OptionMatches = {
  '--pkt-type':
    (option) =>
    (packet, { context }) => {
      const type = context.addressType(packet.destination);
      if (type === null) return unknown(`the type of ${packet.destination} is not known`);
      return (type === 'broadcast' || type === 'multicast' ? type : 'unicast') === value(option);
    },
};

const ipset: OptionMatches = {
  '--match-set':
    ({ values: [name = '', directions = ''] }) =>
    (packet, { context }) =>
      context.ipsetContains?.(name, packet, directions.split(',')) ?? unknown(`ipset ${name} was not read`),
};

const mac: OptionMatches = {
  '--mac-source': (option) => (packet) =>
    packet.macSource === null
      ? unknown('the source MAC is not known')
      : packet.macSource.toLowerCase() === value(option).toLowerCase(),
};

const never = (): Match => () => false;
const always = (): Match => () => true;

const MATCHES: Readonly<Record<string, (extension: IptablesExtension) => Match>> = {
  tcp: options(tcp),
  udp: options(ports),
  udplite: options(ports),
  multiport: options(multiport),
  icmp: options({ '--icmp-type': icmpType(ICMP_NAMES) }),
  icmp6: options({ '--icmpv6-type': icmpType(ICMP6_NAMES) }),
  conntrack: conntrackMatch,
  state: stateMatch,
  addrtype,
  iprange: options({
    '--src-range': (option) => addressBetween('source', value(option)),
    '--dst-range': (option) => addressBetween('destination', value(option)),
  }),
  mark: options({ '--mark': mark((packet) => packet.mark) }),
  connmark: (extension) => {
    const match = options({ '--mark': mark(connectionMark) })(extension);
    return (packet, scene) => hasConnection(packet, scene) && match(packet, scene);
  },
  mac: options(mac),
  physdev: options(physdev),
  length: options({ '--length': numberIs('length', (length, ranges) => inRanges(ranges, length)) }),
  ttl: options(hops('ttl')),
  hl: options(hops('hl')),
  pkttype: options(pkttype),
  set: options(ipset),
  owner,
  rpfilter,
  comment: always,
  nfacct: always,
  frag: never,
  hbh: never,
  dst: never,
  rt: never,
  mh: never,
};

const REASONS: Readonly<Record<string, string>> = {
  limit: 'whether the rate limit has tokens left is not known',
  hashlimit: 'whether the rate limit has tokens left is not known',
  recent: 'the list of recent addresses is not read',
  statistic: 'the match is random or counts packets',
  quota: 'how much of the quota is left is not known',
  time: 'the match depends on the time of day',
  connlimit: 'the number of connections is not counted',
  policy: 'IPsec policies are not read',
};

/** The match of `-m NAME OPTIONS`. What is not modelled, or lies in the kernel's memory alone, is unknown. */
export const compileMatch = (extension: IptablesExtension): Match => {
  const build = Object.hasOwn(MATCHES, extension.name) ? MATCHES[extension.name] : undefined;
  if (build !== undefined) return build(extension);
  const reason = Object.hasOwn(REASONS, extension.name) ? REASONS[extension.name] : undefined;
  return unknownMatch(reason ?? `the match ${extension.name} is not modelled`);
};
