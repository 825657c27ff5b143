import type { IptablesExtension, IptablesOption } from '../../parse/iptables-save.js';
import type { Range } from '../field-matches.js';
import { addressBetween, allOf, inRanges, markIs, portIn, TCP_FLAG_BITS, tcpFlagBits } from '../field-matches.js';
import { ICMP_NAMES, ICMP6_NAMES } from '../icmp-types.js';
import type { Match } from '../program.js';
import { connectionMark, hasConnection, invertIf, unknown, unknownMatch } from '../program.js';
import { conntrackMatch, stateMatch } from './conntrack-match.js';
import { addrtype, ipset, mac, owner, physdev, pkttype, rpfilter } from './context-matches.js';
import type { OptionMatches } from './option-matches.js';
import { options, value } from './option-matches.js';
import { parseMark, parsePorts } from './values.js';

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

const mark =
  (read: Parameters<typeof markIs>[0]) =>
  (option: IptablesOption): Match => {
    const parsed = parseMark(value(option));
    return parsed === null
      ? unknownMatch(`mark ${value(option)} is not a number`)
      : markIs(read, parsed.value, parsed.mask);
  };

const never = (): Match => () => false;
const always = (): Match => () => true;

/** `--set` notes the address and matches whatever was noted before, as iptables-extensions(8) says. */
const recent = ({ options: given }: IptablesExtension): Match => {
  const set = given.find(({ name }) => name === '--set');
  return set === undefined ? unknownMatch('the list of recent addresses is not read') : invertIf(set.negated, always());
};

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
  recent,
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
