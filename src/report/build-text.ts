import type { BuildPart, BuildPlan } from '../model/build.js';
import { inert, quoteWords } from '../model/inert.js';
import type { RepairStep } from '../model/repair.js';
import { type Style, styleOf, type TextOptions } from './style.js';
import { wrap, wrapCommand } from './wrap.js';

type BuildTextOptions = Pick<TextOptions, 'color' | 'ascii' | 'width'> & {
  /** With the sentence that says what each part is for. */
  readonly teach: boolean;
};

interface Layout {
  readonly style: Style;
  readonly width: number;
  readonly teach: boolean;
}

const partLines = (part: BuildPart, step: RepairStep | null, { style, width, teach }: Layout): readonly string[] => {
  const why = teach ? wrap(inert(part.why), width, '      ') : [];
  if (step === null) return [`  = ${inert(part.title)}: right already`, ...why];
  const values = step.after === null ? '' : `  ${step.before ?? 'none'} -> ${step.after}`;
  return [
    style.strong(inert(`  ${step.sign} ${part.title}${part.netns === 'host' && step.sign === '~' ? values : ''}`)),
    ...why,
    ...step.effects.flatMap((effect) => wrap(`side effect: ${inert(effect)} (kernel)`, width, '      ')),
    ...(step.risk === 'low' ? [] : wrap(`risk: ${step.risk}. ${inert(step.riskText)}`, width, '      ')),
    ...wrapCommand(quoteWords(step.argv), width, '      '),
  ];
};

const headOf = ({ hostname, parts }: BuildPlan): string => {
  const steps = parts.filter(({ step }) => step !== null).length;
  if (steps === 0) return `The network is complete: all ${parts.length} parts are right already.`;
  const right = parts.length - steps;
  return `Plan for ${inert(hostname)}: ${steps} step${steps === 1 ? '' : 's'}, ${right} right already. Nothing done yet.`;
};

/** What would be built: every part of the network, what is right already, and the command of each step. */
export const renderBuildPlan = (plan: BuildPlan, options: BuildTextOptions): string => {
  const layout = { style: styleOf(options), width: Math.max(40, options.width), teach: options.teach };
  const { width } = layout;
  const [four] = plan.design.families;
  const drawn = `${inert(plan.target)} eth0 ${four?.address ?? ''} -- ${plan.design.hostEnd} -- ${plan.design.bridge} ${four?.gateway ?? ''} -- this host -- outside`;
  const hasSteps = plan.parts.some(({ step }) => step !== null);
  const lines = [
    ...wrap(headOf(plan), width),
    '',
    ...wrap(drawn, width, '  ', '    '),
    '',
    ...plan.parts.flatMap(({ part, step }) => [...partLines(part, step, layout), ...(options.teach ? [''] : [])]),
    ...plan.notes.flatMap((note) => wrap(`note: ${inert(note)}`, width, '  ', '    ')),
    ...(hasSteps
      ? ['', ...wrap(`kept until the next restart; undo at any time:  vethoscope undo ${plan.run}`, width, '  ')]
      : []),
  ];
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return options.ascii ? text.replace(/[^\n\x20-\x7e\u001b]/g, '?') : text;
};
