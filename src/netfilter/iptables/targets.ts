import type { IptablesOption, IptablesTarget } from '../../parse/iptables-save.js';
import { mappingKind, mapTo, masquerade, netmap, parseMappingRange, redirect } from '../mapping.js';
import type { Choice, Decision, Step } from '../program.js';
import { connectionMark, decideStep, hasConnection, withoutTracking } from '../program.js';
import type { HookPacket } from '../types.js';
import { parseMark } from './values.js';

const ACCEPT: Decision = { kind: 'accept' };

/** Targets after which the packet goes on to the next rule, unchanged in all that rules can see here. */
const PASSES_ON = new Set([
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'CONNSECMARK',
  'DSCP',
  'ECN',
  'IDLETIMER',
  'LED',
  'LOG',
  'NFLOG',
  'RATEEST',
  'SECMARK',
  'SET',
  'TCPMSS',
  'TCPOPTSTRIP',
  'TEE',
  'TOS',
  'TRACE',
  'ULOG',
]);

type Options = ReadonlyMap<string, IptablesOption>;

const first = (options: Options, name: string): string | null => options.get(name)?.values[0] ?? null;

/** The port of `--to-ports`; `null` without one, and for a range, from which the kernel chooses. */
const singlePort = (options: Options): number | null => {
  const text = first(options, '--to-ports') ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
};

const unmodelled = (because: string): Choice => ({ because, options: [null, { kind: 'drop' }] });

const mapped =
  (option: string) =>
  (options: Options): readonly Step[] => {
    const text = first(options, option) ?? '';
    const range = parseMappingRange(text);
    return [
      {
        kind: 'decide',
        decide: (_, { hook }) =>
          range === null
            ? { because: `${option} ${text} is not understood`, options: [ACCEPT] }
            : mapTo(mappingKind(hook), range),
      },
    ];
  };

const rewrite = (apply: (packet: HookPacket) => HookPacket): readonly Step[] => [{ kind: 'rewrite', apply }];

/** A rewrite that needs the connection and its mark. */
const rewriteMarked = (apply: (packet: HookPacket, saved: number) => HookPacket): readonly Step[] => [
  {
    kind: 'rewrite',
    apply: (packet, scene) => {
      const saved = hasConnection(packet, scene) ? connectionMark(packet) : null;
      return saved === null ? packet : apply(packet, saved);
    },
  },
];

/** `(mark & ~mask) ^ value`, as MARK and CONNMARK compute it. */
const changedMark = (old: number, { value, mask }: { value: number; mask: number }): number =>
  (((old & ~mask) >>> 0) ^ value) >>> 0;

const markChange = (options: Options): { value: number; mask: number } | null => {
  const xor = first(options, '--set-xmark');
  if (xor !== null) return parseMark(xor);
  const set = parseMark(first(options, '--set-mark') ?? '');
  return set === null ? null : { value: set.value, mask: (set.mask | set.value) >>> 0 };
};

const mark = (options: Options): readonly Step[] => {
  const change = markChange(options);
  if (change === null) return [{ kind: 'decide', decide: () => unmodelled('this form of MARK is not modelled') }];
  return rewrite((packet) => ({ ...packet, mark: changedMark(packet.mark, change) }));
};

const connmark = (options: Options): readonly Step[] => {
  const nfmask = Number(first(options, '--nfmask') ?? 0xffffffff);
  const ctmask = Number(first(options, '--ctmask') ?? 0xffffffff);
  if (options.has('--restore-mark')) {
    return rewriteMarked((packet, saved) => ({
      ...packet,
      mark: (((packet.mark & ~nfmask) >>> 0) ^ (saved & ctmask)) >>> 0,
    }));
  }
  if (options.has('--save-mark')) {
    return rewriteMarked((packet, saved) => ({
      ...packet,
      connectionMark: (((saved & ~ctmask) >>> 0) ^ (packet.mark & nfmask)) >>> 0,
    }));
  }
  const change = markChange(options);
  if (change === null) return [{ kind: 'decide', decide: () => unmodelled('this form of CONNMARK is not modelled') }];
  return rewriteMarked((packet, saved) => ({ ...packet, connectionMark: changedMark(saved, change) }));
};

/** `--ttl-set`, `--ttl-dec`, `--ttl-inc` of TTL, and the same of HL. @see iptables-extensions(8) */
const hopLimit =
  (prefix: 'ttl' | 'hl') =>
  (options: Options): readonly Step[] => {
    const number = (change: string): number | null => {
      const text = first(options, `--${prefix}-${change}`);
      return text === null ? null : Number(text);
    };
    const [set, less, more] = [number('set'), number('dec'), number('inc')];
    return rewrite((packet) => ({
      ...packet,
      ttl: Math.min(Math.max((set ?? packet.ttl) - (less ?? 0) + (more ?? 0), 0), 255),
    }));
  };

const notrack: readonly Step[] = [{ kind: 'rewrite', apply: withoutTracking }];

const TARGETS: Readonly<Record<string, (options: Options, family: 4 | 6) => readonly Step[]>> = {
  ACCEPT: () => [decideStep(ACCEPT)],
  DROP: () => [decideStep({ kind: 'drop' })],
  RETURN: () => [decideStep({ kind: 'return' })],
  QUEUE: () => [decideStep({ kind: 'queue' })],
  NFQUEUE: () => [decideStep({ kind: 'queue' })],
  REJECT: (options, family) => {
    const standard = family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
    return [decideStep({ kind: 'reject', rejectWith: first(options, '--reject-with') ?? standard })];
  },
  SNAT: mapped('--to-source'),
  DNAT: mapped('--to-destination'),
  MASQUERADE: (options) => [{ kind: 'decide', decide: masquerade(singlePort(options)) }],
  REDIRECT: (options) => [{ kind: 'decide', decide: redirect(singlePort(options)) }],
  NETMAP: (options) => [{ kind: 'decide', decide: netmap(first(options, '--to') ?? '') }],
  MARK: mark,
  CONNMARK: connmark,
  TTL: hopLimit('ttl'),
  HL: hopLimit('hl'),
  NOTRACK: () => notrack,
  CT: (options) => (options.has('--notrack') ? notrack : []),
  TPROXY: () => [decideStep(ACCEPT)],
};

/** A target of which only the name is known, as `nft -j` shows those of iptables-nft. */
export const compileNamedTarget = (name: string, family: 4 | 6): readonly Step[] => {
  if (PASSES_ON.has(name) || name === 'MASQUERADE' || name === 'REJECT') {
    return compileTarget({ kind: 'jump', name, options: [] }, family);
  }
  const choice = unmodelled(`the options of the target ${name} were not read`);
  return [{ kind: 'decide', decide: () => choice }];
};

/** The steps of `-j NAME OPTIONS` for a built-in target. What is not modelled may do anything, a drop included. */
export const compileTarget = (target: IptablesTarget, family: 4 | 6): readonly Step[] => {
  if (PASSES_ON.has(target.name)) return [];
  const build = Object.hasOwn(TARGETS, target.name) ? TARGETS[target.name] : undefined;
  if (build !== undefined) return build(new Map(target.options.map((option) => [option.name, option])), family);
  const choice = unmodelled(`the target ${target.name} is not modelled`);
  return [{ kind: 'decide', decide: () => choice }];
};
