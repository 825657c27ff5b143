import type { IptablesExtension, IptablesOption } from '../../parse/iptables-save.js';
import { addressTypeOf } from '../address-type.js';
import { deviceNamed } from '../field-matches.js';
import type { Match } from '../program.js';
import { invertIf, unknown, unknownMatch } from '../program.js';
import type { HookContext } from '../types.js';
import type { OptionMatches } from './option-matches.js';
import { options, value } from './option-matches.js';

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

/** Types of addresses as the local routing table has them. */
export const addrtype = (extension: IptablesExtension): Match => {
  const limits = new Set(extension.options.map((option) => option.name));
  const device = limits.has('--limit-iface-in') ? 'iif' : limits.has('--limit-iface-out') ? 'oif' : null;
  const typeOf =
    (side: 'source' | 'destination') =>
    (option: IptablesOption): Match => {
      const wanted = value(option).split(',');
      if (!wanted.every((type) => ADDRESS_TYPES.has(type)))
        return unknownMatch(`address type ${value(option)} is not modelled`);
      return (packet, { context }) => {
        if (packet.family === 6) return isOfType6(packet[side], wanted, context);
        const type = addressTypeOf(context, packet[side], device === null ? null : packet[device]);
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

/**
 * IPv6 asks each type by itself: an own address is unicast too, and `UNICAST,LOCAL` wants both.
 * @see match_type6 in net/netfilter/xt_addrtype.c
 */
const isOfType6 = (text: string, wanted: readonly string[], context: HookContext): ReturnType<Match> => {
  const isMulticast = /^ff/i.test(text);
  if (wanted.includes('MULTICAST') && !isMulticast) return false;
  if (wanted.includes('UNICAST') && isMulticast) return false;
  const routed = wanted.filter((type) => ['LOCAL', 'ANYCAST', 'UNREACHABLE'].includes(type));
  if (routed.length === 0) return true;
  const type = addressTypeOf(context, text, null);
  return type === null ? unknown(`the type of ${text} is not known`) : routed.includes(type.toUpperCase());
};

/** Bridge ports, known for frames that a bridge carries. */
export const physdev: OptionMatches = {
  '--physdev-in': (option) => deviceNamed('physIn', value(option)),
  '--physdev-out': (option) => deviceNamed('physOut', value(option)),
  '--physdev-is-in': () => (packet) => packet.physIn !== null,
  '--physdev-is-out': () => (packet) => packet.physOut !== null,
  '--physdev-is-bridged': () => (packet) => packet.physIn !== null && packet.physOut !== null,
};

/** Only a locally made packet has an owner; without one, a rule matches when all its options are negated. */
export const owner = (extension: IptablesExtension): Match => {
  const answerWithout = extension.options.every((option) => option.negated);
  return (packet, { hook }) =>
    packet.iif === null && (hook === 'output' || hook === 'postrouting')
      ? unknown('the owner of the sending socket is not known')
      : answerWithout;
};

/** The reverse-path test; what comes from loopback always passes. */
export const rpfilter = (extension: IptablesExtension): Match => {
  const names = new Set(extension.options.map((option) => option.name));
  return invertIf(names.has('--invert'), (packet, { context }) => {
    if (packet.iif === 'lo') return true;
    return context.reversePathOk?.(packet, names.has('--loose')) ?? unknown('the route back was not looked up');
  });
};

export const pkttype: OptionMatches = {
  '--pkt-type':
    (option) =>
    (packet, { context }) => {
      const type = addressTypeOf(context, packet.destination, null);
      if (type === null) return unknown(`the type of ${packet.destination} is not known`);
      return (type === 'broadcast' || type === 'multicast' ? type : 'unicast') === value(option);
    },
};

export const ipset: OptionMatches = {
  '--match-set':
    ({ values: [name = '', directions = ''] }) =>
    (packet, { context }) =>
      context.ipsetContains?.(name, packet, directions.split(',')) ?? unknown(`ipset ${name} was not read`),
};

export const mac: OptionMatches = {
  '--mac-source': (option) => (packet) =>
    packet.macSource === null
      ? unknown('the source MAC is not known')
      : packet.macSource.toLowerCase() === value(option).toLowerCase(),
};
