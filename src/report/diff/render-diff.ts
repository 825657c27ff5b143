import { inert } from '../../model/inert.js';
import { clip } from '../clip.js';
import { plural } from '../facts.js';
import type { Style } from '../style.js';
import { styleOf } from '../style.js';
import type { DiffedRun, Difference, RunDiff } from './diff-runs.js';

export interface DiffTextOptions {
  readonly color: boolean;
  readonly ascii: boolean;
  /** Show what does not touch the flow as well. */
  readonly all: boolean;
}

const MOST_VALUE = 200;

/** The differences as text, those that matter to the flow first. */
export const renderDiffText = (diff: RunDiff, options: DiffTextOptions): string => {
  const style = styleOf(options);
  const matter = diff.differences.filter((difference) => difference.matters);
  const rest = diff.differences.filter((difference) => !difference.matters);
  const lines = [
    `A  ${runLine(diff.a)}`,
    `B  ${runLine(diff.b)}`,
    '',
    ...(matter.length === 0
      ? ['nothing that decides about this flow differs']
      : [style.strong(`${plural(matter.length, 'difference')} on the way of this flow`), ...sections(matter, style)]),
    ...(rest.length === 0
      ? []
      : options.all
        ? ['', style.strong(`${plural(rest.length, 'other difference')}`), ...sections(rest, style)]
        : ['', style.faint(`${plural(rest.length, 'other difference')} not shown: --all`)]),
    ...(diff.limits.length === 0 ? [] : ['', 'not compared:', ...diff.limits.map((limit) => `  - ${inert(limit)}`)]),
  ];
  const text = `${lines.join('\n')}\n`;
  return options.ascii ? text.replace(/[^\n\x20-\x7e\u001b]/g, '?') : text;
};

export const renderDiffJson = (diff: RunDiff): string =>
  `${JSON.stringify({ schema: 'vethoscope/diff', formatVersion: '1.0', ...diff }, null, 2)}\n`;

const runLine = ({ id, target, destination, status }: DiffedRun): string =>
  inert(`${id}  ${target} to ${destination}: ${status}`);

const sections = (differences: readonly Difference[], style: Style): readonly string[] => {
  const groups = new Map<string, Difference[]>();
  for (const difference of differences) {
    const title = difference.netns === '' ? difference.area : `${difference.area} of ${difference.netns}`;
    groups.set(title, [...(groups.get(title) ?? []), difference]);
  }
  return [...groups].flatMap(([title, members]) => [
    '',
    inert(title),
    ...members.flatMap((member) => differenceLines(member, style)),
  ]);
};

const differenceLines = ({ key, a, b }: Difference, style: Style): readonly string[] => {
  const shown = inert(clip(key, MOST_VALUE));
  const value = (text: string) => inert(clip(text, MOST_VALUE));
  if (a === null) return [style.good(`  + ${shown}${b === 'present' || b === null ? '' : ` = ${value(b)}`}`)];
  if (b === null) return [style.error(`  - ${shown}${a === 'present' ? '' : ` = ${value(a)}`}`)];
  return [`  ~ ${shown}`, style.error(`      A ${value(a)}`), style.good(`      B ${value(b)}`)];
};
