import type { FrameRule } from '../../parse/frame-save.js';
import type { IptablesOption } from '../../parse/iptables-save.js';
import { addressIn, deviceNamed, markIs, portIn } from '../field-matches.js';
import { compileMatch } from '../iptables/matches.js';
import { protocolOf } from '../iptables/protocols.js';
import { parseMark, parsePorts } from '../iptables/values.js';
import type { Decision, Match, Step } from '../program.js';
import { decideStep, etherTypeOf, invertIf, matchStep, protocolNumber, unknown, unknownMatch } from '../program.js';
import type { HookPacket } from '../types.js';
import { among, arpAddressIn, arpIs, arpOperationIs, macIs, type OptionMatch, ofFamily, value } from './matches.js';

const ETHER_TYPES: Readonly<Record<string, number>> = { ipv4: 0x0800, ip: 0x0800, arp: 0x0806, ipv6: 0x86dd };

/** Frames with a length instead of a type are none of ours, nor are those of protocols that only a name tells. */
const protocolIs = (text: string): Match => {
  const key = text.toLowerCase();
  const wanted = Object.hasOwn(ETHER_TYPES, key)
    ? ETHER_TYPES[key]
    : /^(?:0x)?[\da-f]{4}$/.test(key)
      ? Number.parseInt(key, 16)
      : null;
  return (packet) => etherTypeOf(packet) === wanted;
};

const bridgeNamed = (field: 'bridgeIn' | 'bridgeOut', pattern: string): Match => {
  const prefix = pattern.endsWith('+') ? pattern.slice(0, -1) : null;
  return ({ frame }) => {
    const name = frame?.[field] ?? '';
    return prefix === null ? name === pattern : name.startsWith(prefix);
  };
};

const always: OptionMatch = () => () => true;
const never: OptionMatch = () => () => false;

const ip = (family: 4 | 6, prefix: string): Readonly<Record<string, OptionMatch>> => {
  const ports =
    (side: 'source' | 'destination'): OptionMatch =>
    (option) =>
      ofFamily(family, portIn(side, parsePorts(value(option)) ?? []));
  const protocol = (option: IptablesOption): Match => {
    const wanted = protocolOf(value(option));
    return ofFamily(family, (packet) => protocolNumber(packet) === wanted);
  };
  return {
    [`${prefix}src`]: (option) => ofFamily(family, addressIn('source', value(option))),
    [`${prefix}source`]: (option) => ofFamily(family, addressIn('source', value(option))),
    [`${prefix}dst`]: (option) => ofFamily(family, addressIn('destination', value(option))),
    [`${prefix}destination`]: (option) => ofFamily(family, addressIn('destination', value(option))),
    [`${prefix}proto`]: protocol,
    [`${prefix}protocol`]: protocol,
    [`${prefix}sport`]: ports('source'),
    [`${prefix}source-port`]: ports('source'),
    [`${prefix}dport`]: ports('destination'),
    [`${prefix}destination-port`]: ports('destination'),
    [`${prefix}icmp-type`]: (option) => ofFamily(family, icmpTypeIs(family, option)),
  };
};

/** `TYPE`, `TYPE/CODE`, a name, or a range of types `8:8`, as ebtables writes them. */
const icmpTypeIs = (family: 4 | 6, option: IptablesOption): Match => {
  const text = value(option);
  const [, low, high] = /^(\d+):(\d+)(?:\/.*)?$/.exec(text) ?? [];
  if (low !== undefined && high !== undefined) {
    return ({ icmp }) => icmp !== null && icmp.type >= Number(low) && icmp.type <= Number(high);
  }
  const [name, flag] = family === 4 ? ['icmp', '--icmp-type'] : ['icmp6', '--icmpv6-type'];
  const match = compileMatch({ name, options: [{ name: flag, negated: false, values: [text] }] });
  return (packet, scene) => packet.protocol === 'icmp' && match(packet, scene);
};

const frameType = (text: string): Match => {
  const wanted = text.toLowerCase();
  return ({ frame }, { hook }) => {
    const mac = frame?.macDestination ?? null;
    if (mac === null) return unknown('the destination MAC is not known');
    if (mac === 'ff:ff:ff:ff:ff:ff') return wanted === 'broadcast';
    if (Number.parseInt(mac.slice(0, 2), 16) & 1) return wanted === 'multicast';
    if (hook === 'input') return wanted === 'host';
    const because = 'whether the frame is for this host or another is not known';
    return wanted === 'host' || wanted === 'otherhost' ? unknown(because) : false;
  };
};

const mark: OptionMatch = (option) => {
  const parsed = parseMark(value(option));
  if (parsed === null) return unknownMatch(`mark ${value(option)} is not a number`);
  return markIs((packet) => packet.mark, parsed.value, parsed.mask);
};

const isGratuitous: Match = arpIs(({ senderAddress, targetAddress }) => senderAddress === targetAddress);

const OPTIONS: Readonly<Record<string, OptionMatch>> = {
  '-p': (option) => protocolIs(value(option)),
  '-i': (option) => deviceNamed('iif', value(option)),
  '-o': (option) => deviceNamed('oif', value(option)),
  '--logical-in': (option) => bridgeNamed('bridgeIn', value(option)),
  '--logical-out': (option) => bridgeNamed('bridgeOut', value(option)),
  '-s': (option) => macIs(value(option), (packet) => packet.macSource, 'source MAC'),
  '-d': (option) => macIs(value(option), (packet) => packet.frame?.macDestination, 'destination MAC'),
  ...ip(4, '--ip-'),
  ...ip(6, '--ip6-'),
  '--arp-op': (option) => arpOperationIs(value(option)),
  '--arp-opcode': (option) => arpOperationIs(value(option)),
  '--arp-htype': (option) => arpIs(() => /^(?:1|0x0*1|ethernet)$/i.test(value(option))),
  '--arp-ptype': (option) => arpIs(() => /^(?:0x0?800|ipv4)$/i.test(value(option))),
  '--arp-ip-src': (option) => arpAddressIn('senderAddress', value(option)),
  '--arp-ip-dst': (option) => arpAddressIn('targetAddress', value(option)),
  '--arp-mac-src': (option) => {
    const match = macIs(value(option), (packet) => packet.frame?.arp?.senderMac, 'MAC of the sender');
    return (packet, scene) => arpIs(() => match(packet, scene))(packet);
  },
  '--arp-mac-dst': (option) => {
    const match = macIs(value(option), (packet) => packet.frame?.arp?.targetMac, 'MAC of the target');
    return (packet, scene) => arpIs(() => match(packet, scene))(packet);
  },
  '--arp-gratuitous': () => isGratuitous,
  '--among-src': (option) => among('source', value(option)),
  '--among-dst': (option) => among('destination', value(option)),
  '--mark': mark,
  '--pkttype-type': (option) => frameType(value(option)),
  '--limit': () => unknownMatch('whether the rate limit has tokens left is not known'),
  '--limit-burst': always,
  '--vlan-id': never,
  '--vlan-prio': never,
  '--vlan-encap': never,
  '--802_3-type': never,
  '--802_3-sap': never,
};

const WATCHERS = /^--(?:log|nflog|ulog)\b/;
const STP = /^--stp-/;
/** Options of targets. */
const TARGET_OPTION =
  /^--(?:to-(?:dst|src|destination|source)|(?:dnat|snat|redirect|arpreply|mark)-target|snat-arp|arpreply-mac|mark-(?:set|or|and|xor))$/;

const compileOption = (option: IptablesOption): Match => {
  if (WATCHERS.test(option.name)) return () => true;
  if (STP.test(option.name)) return () => false;
  const build = Object.hasOwn(OPTIONS, option.name) ? OPTIONS[option.name] : undefined;
  if (build === undefined) return unknownMatch(`the option ${option.name} is not modelled`);
  return invertIf(option.negated, build(option));
};

/** Steps of a rule of ebtables. */
export const compileEbtablesRule = (rule: FrameRule, jumps: boolean): readonly Step[] => [
  ...rule.options.filter(({ name }) => !TARGET_OPTION.test(name)).map((option) => matchStep(compileOption(option))),
  ...targetSteps(rule, jumps),
];

const PLAIN: Readonly<Record<string, Decision['kind'] & ('accept' | 'drop' | 'continue' | 'return')>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  CONTINUE: 'continue',
  RETURN: 'return',
};

const ROUTED = 'the frame is routed here and not bridged (broute)';
const REWRITES: Readonly<Record<string, string>> = {
  dnat: 'the rule sends the frame to another MAC address',
  redirect: 'the rule sends the frame to the bridge itself',
  snat: 'the rule gives the frame another source MAC address',
};

const targetSteps = ({ chain, target, options }: FrameRule, jumps: boolean): readonly Step[] => {
  if (target === null) return [];
  const { name } = target;
  if (jumps) return [decideStep({ kind: 'jump', chain: name })];
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  if (plain === 'drop' && chain === 'BROUTING')
    return [{ kind: 'decide', decide: () => ({ because: ROUTED, options: [{ kind: 'accept' }] }) }];
  if (plain !== undefined) return [decideStep({ kind: plain })];
  const option = (wanted: string): string | null => options.find((one) => one.name === wanted)?.values[0] ?? null;
  if (name === 'mark') return [...markSteps(option), decideStep(verdictOf(option('--mark-target'), 'accept'))];
  if (name === 'arpreply') return arpReply(option('--arpreply-target'));
  const because = Object.hasOwn(REWRITES, name) ? REWRITES[name] : undefined;
  if (because === undefined) {
    const reason = `the target ${name} is not modelled`;
    return [{ kind: 'decide', decide: () => ({ because: reason, options: [null, { kind: 'drop' }] }) }];
  }
  const after = verdictOf(option(`--${name}-target`), 'accept');
  return [{ kind: 'decide', decide: () => ({ because, options: [after] }) }];
};

const verdictOf = (text: string | null, otherwise: 'accept' | 'drop'): Decision => {
  const kind = text !== null && Object.hasOwn(PLAIN, text) ? PLAIN[text] : undefined;
  return { kind: kind ?? otherwise };
};

/** The bridge answers for the target: the request goes no further, but its sender gets what it wants. */
const arpReply = (then: string | null): readonly Step[] => [
  matchStep(arpIs(({ operation }) => operation === 'request')),
  {
    kind: 'decide',
    decide: () => ({ because: 'the bridge answers ARP itself by this rule', options: [null, verdictOf(then, 'drop')] }),
  },
];

const markSteps = (option: (name: string) => string | null): readonly Step[] => {
  const number = (name: string): number | null => {
    const text = option(name);
    return text === null ? null : Number(text);
  };
  const [set, or, and, xor] = ['set', 'or', 'and', 'xor'].map((kind) => number(`--mark-${kind}`));
  const apply = (packet: HookPacket): HookPacket => {
    const old = packet.mark;
    const mark = set ?? (or != null ? old | or : and != null ? old & and : xor != null ? old ^ xor : old);
    return { ...packet, mark: mark >>> 0 };
  };
  return [{ kind: 'rewrite', apply }];
};
