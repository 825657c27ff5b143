import type { RepairStep } from '../../model/repair.js';
import { type Edit, inserted, optionOf } from './edit.js';

/** A word as iptables-restore reads it. */
const quoted = (word: string): string => (/^[\w.,:/!+=@-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`);

/** Chains that their owner keeps for others and only makes where they are missing. */
const MADE_BY_OWNER = new Set(['DOCKER-USER']);

/**
 * A file of iptables-save, with the rule of a step at the place in its chain where the step puts it.
 * @see iptables-restore(8)
 */
export const withRule = (text: string, step: RepairStep): Edit => {
  const words = step.inner.slice(1);
  const at = words.findIndex((word) => word === '-I' || word === '-A');
  const chain = words[at + 1] ?? '';
  const table = optionOf(step, '-t') ?? 'filter';
  const position = words[at] === '-I' ? (/^\d+$/.test(words[at + 2] ?? '') ? Number(words[at + 2]) : 1) : null;
  const spec = words
    .slice(at + (position !== null && /^\d+$/.test(words[at + 2] ?? '') ? 3 : 2))
    .concat(words.slice(0, at).filter((word, index, all) => word !== '-t' && all[index - 1] !== '-t' && word !== '-w'));
  const line = ['-A', chain, ...spec].map(quoted).join(' ');
  const lines = text.split('\n');
  const start = lines.indexOf(`*${table}`);
  const end = lines.indexOf('COMMIT', start);
  if (start < 0 || end < 0) return { because: `it has no table ${table}` };
  const declared = lines.findIndex((other, index) => index > start && index < end && other.startsWith(`:${chain} `));
  if (declared < 0) {
    if (!MADE_BY_OWNER.has(chain)) return { because: `it has no chain ${chain} in the table ${table}` };
    const more = inserted(lines, start + 1, `:${chain} - [0:0]`);
    return withRule(more, step);
  }
  const rules = lines.flatMap((other, index) =>
    index > start && index < end && other.startsWith(`-A ${chain} `) ? [index] : [],
  );
  const before = position === null ? undefined : rules[position - 1];
  return { text: inserted(lines, before ?? end, line), line };
};
