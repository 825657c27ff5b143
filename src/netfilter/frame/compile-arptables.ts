import type { FrameRule } from '../../parse/frame-save.js';
import type { IptablesOption } from '../../parse/iptables-save.js';
import { deviceNamed } from '../field-matches.js';
import { parseMark } from '../iptables/values.js';
import type { Match, Step } from '../program.js';
import { decideStep, invertIf, matchStep, unknownMatch } from '../program.js';
import { arpAddressIn, arpIs, arpOperationIs, macIs, type OptionMatch, value } from './matches.js';

const senderMac: OptionMatch = (option) =>
  macIs(value(option), (packet) => packet.frame?.arp?.senderMac, 'MAC of the sender');
const targetMac: OptionMatch = (option) =>
  macIs(value(option), (packet) => packet.frame?.arp?.targetMac, 'MAC of the target');
const hardware: OptionMatch = (option) => arpIs(() => /^(?:1|0x0*1|Ethernet)(?:\/|$)/.test(value(option)));
const protocol: OptionMatch = (option) => arpIs(() => /^(?:0x0?800|2048|IPv4)(?:\/|$)/.test(value(option)));

const OPTIONS: Readonly<Record<string, OptionMatch>> = {
  '-s': (option) => arpAddressIn('senderAddress', value(option)),
  '-d': (option) => arpAddressIn('targetAddress', value(option)),
  '-i': (option) => deviceNamed('iif', value(option)),
  '-o': (option) => deviceNamed('oif', value(option)),
  '--src-mac': senderMac,
  '--source-mac': senderMac,
  '--dst-mac': targetMac,
  '--destination-mac': targetMac,
  '--opcode': (option) => arpOperationIs(value(option)),
  '--h-length': (option) => arpIs(() => value(option).split('/')[0] === '6'),
  '--h-type': hardware,
  '--proto-type': protocol,
};

/** Options of targets. */
const TARGET_OPTION = /^--(?:mangle-|set-class$|set-mark$|and-mark$|or-mark$)/;

const compileOption = (option: IptablesOption): Match => {
  const build = Object.hasOwn(OPTIONS, option.name) ? OPTIONS[option.name] : undefined;
  if (build === undefined) return unknownMatch(`the option ${option.name} is not modelled`);
  return invertIf(option.negated, build(option));
};

/** Steps of a rule of arptables. */
export const compileArptablesRule = (rule: FrameRule, jumps: boolean): readonly Step[] => [
  ...rule.options.filter(({ name }) => !TARGET_OPTION.test(name)).map((option) => matchStep(compileOption(option))),
  ...targetSteps(rule, jumps),
];

const PLAIN = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return', CONTINUE: 'continue' } as const;

const targetSteps = ({ target, options }: FrameRule, jumps: boolean): readonly Step[] => {
  if (target === null) return [];
  if (jumps) return [decideStep({ kind: 'jump', chain: target.name })];
  if (target.name in PLAIN) return [decideStep({ kind: PLAIN[target.name as keyof typeof PLAIN] })];
  const option = (name: string): string | null => options.find((one) => one.name === name)?.values[0] ?? null;
  if (target.name === 'CLASSIFY') return [];
  if (target.name === 'MARK') {
    const mark = parseMark(option('--set-mark') ?? '')?.value;
    return mark === undefined ? [] : [{ kind: 'rewrite', apply: (packet) => ({ ...packet, mark }) }];
  }
  if (target.name === 'mangle') {
    const then = option('--mangle-target') ?? 'ACCEPT';
    const kind = then in PLAIN ? PLAIN[then as keyof typeof PLAIN] : 'accept';
    const because = 'the rule rewrites addresses of the ARP packet';
    return [{ kind: 'decide', decide: () => ({ because, options: [{ kind }] }) }];
  }
  const because = `the target ${target.name} is not modelled`;
  return [{ kind: 'decide', decide: () => ({ because, options: [null, { kind: 'drop' }] }) }];
};
