import type { Remedy } from '../../model/finding.js';
import { shellQuote } from '../../model/inert.js';
import type { Run, RunFinding } from '../../model/run.js';
import type { Glyphs } from '../theme.js';
import { BLANK, type Line, line, span } from './line.js';
import { paragraph } from './wrap.js';

/** The plan of the fix of the root cause and of the causes behind it: what would change, its risk and its undo. */
export const planLines = (run: Run | null, columns: number, glyphs: Glyphs): readonly Line[] => {
  const findings = (run?.findings ?? []).filter(({ rank }) => rank !== 'noticed');
  if (run === null || findings.length === 0) return [line('there is nothing to fix', 'faint')];
  const head = `Plan for ${run.run.hostname}: nothing is done here, and no key does it.`;
  return [
    ...paragraph('', head, columns, 'strong', 0),
    ...findings.flatMap((finding, index) => [BLANK, ...findingLines(finding, index, run, columns, glyphs)]),
  ];
};

const findingLines = (
  finding: RunFinding,
  index: number,
  run: Run,
  columns: number,
  glyphs: Glyphs,
): readonly Line[] => [
  ...paragraph(
    `${index + 1}`,
    `${finding.code} ${finding.title}${finding.rank === 'behind' ? ' (behind the first)' : ''}`,
    columns,
    'strong',
    3,
  ),
  ...finding.remedies.flatMap((remedy) => remedyLines(remedy, run, columns, glyphs)),
  ...(finding.notes ?? []).flatMap((note) => paragraph('   note', note, columns, 'faint', 12)),
];

const remedyLines = (remedy: Remedy, run: Run, columns: number, glyphs: Glyphs): readonly Line[] => {
  const netns = run.evidence?.netns.find(({ id }) => id === remedy.netns)?.name ?? remedy.netns;
  return [
    ...paragraph(
      `   ${remedy.kind === 'instruction' ? 'do' : remedy.kind === 'persistent' ? 'keep' : 'now'}`,
      `${remedy.title} (in ${netns})`,
      columns,
      'plain',
      12,
    ),
    ...remedy.commands.flatMap((command) => commandLines(command, remedy, run, columns, glyphs)),
    ...remedy.undo.flatMap((command) => paragraph('   undo', shellQuote(command), columns, 'faint', 12)),
    ...paragraph(
      '   risk',
      `${remedy.risk}: ${remedy.riskText}`,
      columns,
      remedy.risk === 'high' ? 'warn' : 'plain',
      12,
    ),
  ];
};

const commandLines = (
  command: readonly string[],
  remedy: Remedy,
  run: Run,
  columns: number,
  glyphs: Glyphs,
): readonly Line[] => {
  const change = sysctlChange(command, remedy, run);
  return [
    ...paragraph('   ~', shellQuote(command), columns, 'info', 12),
    ...(change
      ? [[span(' '.repeat(12)), span(`${change.key}  ${change.before} ${glyphs.arrow} ${change.after}`)]]
      : []),
  ];
};

/** Before and after of a `sysctl -w key=value`, where the value before was read. */
const sysctlChange = (command: readonly string[], { netns }: Remedy, run: Run) => {
  const [, key = '', after = ''] = /^([\w.-]+)=(.*)$/.exec(command.at(-1) ?? '') ?? [];
  const sysctls = run.evidence?.before[netns]?.sysctls;
  if (!command.includes('sysctl') || key === '' || !sysctls?.ok || !Object.hasOwn(sysctls.value, key)) return null;
  return { key, before: sysctls.value[key] ?? '', after };
};
