import type { IptablesOption, IptablesRule, IptablesTarget } from '../../parse/iptables-save.js';
import { addressIn, deviceNamed } from '../field-matches.js';
import type { Match, Step } from '../program.js';
import { decideStep, invertIf, matchStep, protocolNumber, unknownMatch } from '../program.js';
import { compileMatch } from './matches.js';
import { protocolOf } from './protocols.js';
import { compileTarget } from './targets.js';

const protocolIs = (text: string): Match => {
  const wanted = protocolOf(text);
  return text === 'all' || wanted === 0 ? () => true : (packet) => protocolNumber(packet) === wanted;
};

const BASIC: Readonly<Record<string, (value: string) => Match>> = {
  '-s': (value) => addressIn('source', value),
  '-d': (value) => addressIn('destination', value),
  '-i': (value) => deviceNamed('iif', value),
  '-o': (value) => deviceNamed('oif', value),
  '-p': protocolIs,
  '-f': () => () => false,
  '-4': () => () => true,
  '-6': () => () => true,
};

const compileBasic = (option: IptablesOption): Match => {
  const build = BASIC[option.name];
  if (build === undefined) return unknownMatch(`the option ${option.name} is not modelled`);
  return invertIf(option.negated, build(option.values[0] ?? ''));
};

/** Steps of an iptables rule: its own options, its matches in order, its target (`jumps`: a user chain). */
export const compileIptablesRule = (rule: IptablesRule, family: 4 | 6, jumps: boolean): readonly Step[] => [
  ...rule.options.map((option) => matchStep(compileBasic(option))),
  ...rule.matches.map((match) => matchStep(compileMatch(match))),
  ...targetSteps(rule.target, family, jumps),
];

const targetSteps = (target: IptablesTarget | null, family: 4 | 6, jumps: boolean): readonly Step[] => {
  if (target === null) return [];
  return jumps ? [decideStep({ kind: target.kind, chain: target.name })] : compileTarget(target, family);
};
