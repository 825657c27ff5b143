import { inert, quoteWords, shellQuote } from '../model/inert.js';
import type { RepairPlan, RepairStep } from '../model/repair.js';
import { type Style, styleOf, type TextOptions } from './style.js';
import { wrap, wrapCommand } from './wrap.js';

type PlanTextOptions = Pick<TextOptions, 'color' | 'ascii' | 'width'>;

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const labelled = (label: string, text: string, width: number): readonly string[] =>
  wrap(inert(text), width, `      ${label.padEnd(14)}`, ' '.repeat(20));

const stepLines = (step: RepairStep, plan: RepairPlan, style: Style, width: number): readonly string[] => {
  const place =
    step.netns === 'host' ? '' : ` (in ${plan.netns.find(({ id }) => id === step.netns)?.name ?? step.netns})`;
  const values = step.after === null ? '' : `  ${step.before ?? 'none'} -> ${step.after}`;
  return [
    '',
    style.strong(inert(`  ${step.sign} ${step.subject}${values}${place}`)),
    ...labelled('mends', `${step.cause}: ${step.title}`, width),
    ...step.effects.flatMap((effect) => labelled('side effect', `${effect} (kernel)`, width)),
    ...labelled('risk', `${step.risk}. ${step.riskText}`, width),
    '      equivalent',
    ...wrapCommand(quoteWords(step.argv), width, '        '),
  ];
};

const persistenceLines = ({ persistence }: RepairPlan, style: Style, width: number): readonly string[] => [
  ...(persistence?.files ?? []).flatMap(({ path, before, added }) => [
    '',
    style.strong(inert(`  ${before === null ? '+' : '~'} file ${path}`)),
    ...added.flatMap((line) => labelled('adds', line, width)),
  ]),
  ...(persistence?.kept ?? []).flatMap(({ subject, because }) => [
    '',
    ...wrap(`kept already: ${inert(subject)}: ${inert(because)}`, width, '  ', '    '),
  ]),
  ...(persistence?.untilRestart ?? []).flatMap(({ subject, because }) => [
    '',
    ...wrap(`until the next restart only: ${inert(subject)}: ${inert(because)}`, width, '  ', '    '),
  ]),
];

const adviceLines = (plan: RepairPlan, width: number): readonly string[] => [
  ...plan.notTaken.flatMap(({ title, because, commands }) => [
    '',
    ...wrap(`not taken: ${inert(title)}: ${inert(because)}`, width, '  ', '    '),
    ...commands.flatMap((argv) => wrapCommand(quoteWords(argv), width, '      ')),
  ]),
  ...plan.warnings.flatMap((warning) => ['', ...wrap(inert(warning), width, '  ')]),
  ...plan.byHand.flatMap((cause) => ['', ...byHandLines(cause, width)]),
];

const byHandLines = ({ cause, title, remedies }: RepairPlan['byHand'][number], width: number): readonly string[] => [
  ...wrap(`by hand: ${cause}: ${inert(title)}`, width, '  ', '    '),
  ...remedies.flatMap((remedy) => [
    ...wrap(inert(remedy.title), width, '    '),
    ...remedy.commands.flatMap((argv) => wrapCommand(quoteWords(argv), width, '      ')),
    ...wrap(`risk: ${remedy.risk}. ${inert(remedy.riskText)}`, width, '    ', '      '),
  ]),
];

/** What a repair would do: before and after, side effects, risk, the commands, and what it leaves to a person. */
export const renderPlan = (plan: RepairPlan, options: PlanTextOptions): string => {
  const style = styleOf(options);
  const width = Math.max(40, options.width);
  const head = `Plan for ${inert(plan.hostname)}: ${count(plan.steps.length, 'change')} at runtime, ${count(plan.persistence?.files.length ?? 0, 'file')}, 1 verify probe. Nothing done yet.`;
  const foot = [
    plan.persistence === undefined
      ? 'all settings are saved before; kept until the next restart or reload'
      : 'all settings and files are saved before; files are written once the flow works',
    `undo at any time:  vethoscope undo ${plan.run}`,
  ];
  const lines = [
    ...wrap(head, width),
    ...plan.steps.flatMap((step) => stepLines(step, plan, style, width)),
    ...persistenceLines(plan, style, width),
    ...adviceLines(plan, width),
    '',
    ...foot.flatMap((line) => wrap(line, width, '  ')),
  ];
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return options.ascii ? text.replace(/[^\n\x20-\x7e\u001b]/g, '?') : text;
};

/** What a person can do about causes that no command of ours can mend. */
export const renderByHand = (plan: RepairPlan, { width }: Pick<PlanTextOptions, 'width'>): string =>
  `${['no command of vethoscope can mend this:', ...plan.byHand.flatMap((cause) => byHandLines(cause, Math.max(40, width)))].join('\n')}\n`;

/** The plan as a shell script that stops at the first failure. */
export const renderScript = (plan: RepairPlan): string =>
  [
    '#!/bin/sh',
    `# ${inert(plan.target)} to ${inert(plan.destination)} on ${inert(plan.hostname)}, from run ${plan.run}`,
    'set -e',
    ...plan.steps.flatMap((step) => [`# ${inert(step.cause)}: ${inert(step.title)}`, shellQuote(step.argv)]),
    ...(plan.persistence?.files ?? []).flatMap(({ path, before, after, mode, makesFolder }) => [
      ...(makesFolder ? [`mkdir -p ${shellQuote([path.slice(0, path.lastIndexOf('/'))])}`] : []),
      ...(before === null && mode !== undefined
        ? [`install -m ${mode.toString(8)} /dev/null ${shellQuote([path])}`]
        : []),
      `printf %s ${shellQuote([after])} > ${shellQuote([path])}`,
    ]),
    '',
  ].join('\n');
