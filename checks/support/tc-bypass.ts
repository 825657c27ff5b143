import type { Remedy } from '../../src/model/finding.js';
import type { NetnsRef } from '../../src/model/netns.js';
import type { TcFilter } from '../../src/model/state.js';
import type { StepOf } from '../../src/routing/flow-walk-types.js';
import { inside } from './commands.js';

/** A frame at the filters of a device. */
export type Filtered = StepOf<'filter'>;

/** Whatever the frame is, its first byte is one: u32 asks for something. */
const EVERYTHING = ['match', 'u8', '0', '0', 'at', '0'];

/** A filter of u32 with a class and no action lets the frame pass at once. @see tc-u32(8), u32_classify() in net/sched */
const PASS = ['flowid', '1:1'];

const matchOf = ({
  detail: { packet },
}: Filtered): { readonly protocol: string; readonly words: readonly string[] } => {
  if (packet.frame?.arp) return { protocol: 'arp', words: EVERYTHING };
  const [protocol, field, bits] = packet.family === 4 ? ['ip', 'ip', 32] : ['ipv6', 'ip6', 128];
  const ends = [
    ['src', packet.source],
    ['dst', packet.destination],
  ] as const;
  return { protocol, words: ends.flatMap(([end, address]) => ['match', field, end, `${address}/${bits}`]) };
};

/**
 * Filters that let these frames pass before one that drops them is asked; `null` where no preference is left before
 * it, or the filters are not known. A preference holds filters of one kind and protocol: each gets its own.
 * @param suspects the filters that drop them, or of which one does
 * @param all every filter of the hook
 */
export const tcBypass = (
  netns: NetnsRef,
  frames: readonly Filtered[],
  suspects: readonly TcFilter[],
  all: readonly TcFilter[],
): Remedy | null => {
  const [first] = frames;
  const taken = all.map(({ preference }) => preference);
  const before = Math.min(...suspects.map(({ preference }) => preference));
  const matches = [...new Map(frames.map(matchOf).map((match) => [match.words.join(' '), match])).values()];
  const free = freeBelow(before, new Set(taken), matches.length);
  if (!first?.device || all.length === 0 || free === null) return null;
  const { device } = first;
  const { hook } = first.detail.walk;
  const filters = matches.map(({ protocol, words }, index) => ({
    at: ['dev', device, hook, 'protocol', protocol, 'pref', `${free[index]}`],
    words,
  }));
  return {
    kind: 'runtime',
    title: `let these packets pass at the ${hook} of ${device} before that filter`,
    netns: netns.id,
    commands: filters.map(({ at, words }) => inside(netns, ['tc', 'filter', 'add', ...at, 'u32', ...words, ...PASS])),
    undo: filters.toReversed().map(({ at }) => inside(netns, ['tc', 'filter', 'del', ...at])),
    risk: 'medium',
    riskText:
      'the filter may be meant: what it allows, counts or translates is left out for these packets; lost at a restart',
  };
};

const freeBelow = (before: number, used: ReadonlySet<number>, count: number): readonly number[] | null => {
  const free: number[] = [];
  for (let preference = before - 1; preference > 0 && free.length < count; preference--)
    if (!used.has(preference)) free.push(preference);
  return free.length < count ? null : free;
};
