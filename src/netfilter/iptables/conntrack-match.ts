import type { IptablesExtension, IptablesOption } from '../../parse/iptables-save.js';
import { networkHas, parseAddress, parseNetwork } from '../address.js';
import { allOf, inRanges } from '../field-matches.js';
import type { Match } from '../program.js';
import {
  connectionAt,
  hasConnection,
  invertIf,
  originalTuple,
  protocolNumber,
  unknown,
  unknownMatch,
} from '../program.js';
import { protocolOf } from './protocols.js';
import { parsePorts } from './values.js';

const inStates =
  (option: IptablesOption): Match =>
  (packet, scene) => {
    const states = (option.values[0] ?? '').split(',').map((state) => state.toLowerCase());
    if (states.includes(connectionAt(packet, scene))) return true;
    return hasConnection(packet, scene) && packet.connectionStatus.some((status) => states.includes(status));
  };

/** `-m state`: the older name of `-m conntrack --ctstate`. */
export const stateMatch = (extension: IptablesExtension): Match =>
  allOf(extension.options.map((option) => invertIf(option.negated, inStates(option))));

const originalAddress =
  (side: 'source' | 'destination') =>
  (option: IptablesOption): Match => {
    const network = parseNetwork(option.values[0] ?? '');
    if (network === null) return unknownMatch(`${option.name} is not an address`);
    return (packet) => {
      const address = parseAddress(originalTuple(packet)?.[side] ?? '');
      return address === null ? unknown('the address before translation is not known') : networkHas(network, address);
    };
  };

const originalPort =
  (field: 'sourcePort' | 'destinationPort') =>
  (option: IptablesOption): Match => {
    const ranges = parsePorts(option.values[0] ?? '') ?? [];
    return (packet) => {
      if (packet.protocol === 'icmp') return false;
      const port = originalTuple(packet)?.[field] ?? null;
      return port === null ? unknown('the port before translation is not known') : inRanges(ranges, port);
    };
  };

const DETAILS: Readonly<Record<string, (option: IptablesOption) => Match>> = {
  '--ctproto': (option) => {
    const wanted = protocolOf(option.values[0] ?? '');
    return (packet) => protocolNumber(packet) === wanted;
  },
  '--ctdir': (option) => (packet) => packet.connectionDirection === option.values[0]?.toLowerCase(),
  '--ctorigsrc': originalAddress('source'),
  '--ctorigdst': originalAddress('destination'),
  '--ctorigsrcport': originalPort('sourcePort'),
  '--ctorigdstport': originalPort('destinationPort'),
};

/**
 * `-m conntrack`. Without a connection (invalid, untracked) only the state counts: the kernel looks no further.
 * @see conntrack_mt in net/netfilter/xt_conntrack.c
 */
export const conntrackMatch = (extension: IptablesExtension): Match => {
  const states = extension.options.filter((option) => option.name === '--ctstate');
  const details = extension.options.filter((option) => option.name !== '--ctstate');
  const state = allOf(states.map((option) => invertIf(option.negated, inStates(option))));
  const detail = allOf(
    details.map((option) => {
      const build = Object.hasOwn(DETAILS, option.name) ? DETAILS[option.name] : undefined;
      if (build === undefined) return unknownMatch(`conntrack ${option.name} is not modelled`);
      return invertIf(option.negated, build(option));
    }),
  );
  const both = allOf([state, detail]);
  return (packet, scene) =>
    hasConnection(packet, scene) ? both(packet, scene) : states.length > 0 && state(packet, scene);
};
