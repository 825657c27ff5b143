import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, KnownError } from '../../model/errors.js';
import { inert } from '../../model/inert.js';
import { type Scenario, type ScenarioStep, solutionOf } from '../../model/scenario.js';
import { deckOf, type Slide } from '../../tui/store/presenter-state.js';
import { type Presented, presentations, readPresented } from '../../workshop/presented.js';
import { inNamespace } from '../../workshop/scene.js';
import { type CommandContext, jsonLine } from '../context.js';
import { scenarioNamed } from '../scenarios.js';
import { wrapped } from '../wrap.js';

const WIDTH = 78;
const LOOK_EVERY_MS = 200;

/** Follows a presentation on a second terminal, and ends with it. */
export const notes = async (context: CommandContext, [name]: readonly string[]): Promise<number> => {
  const first = await chosen(name);
  const scenario = await scenarioNamed(first.scenario, first.folder);
  const { slides } = deckOf(scenario, false);
  let last = '';
  for (let now: Presented | null = first; now !== null; now = await readPresented(first.name)) {
    const { at, ran } = now;
    const mark = `${at} ${ran}`;
    if (mark !== last) {
      const text = context.display.format === 'text' ? notesText(scenario, slides, at, ran) : jsonLine({ at, ran });
      context.out(text);
      last = mark;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
    context.signal.throwIfAborted();
  }
  context.note('the presentation has ended');
  return EXIT.ok;
};

const chosen = async (name: string | undefined): Promise<Presented> => {
  const running = await presentations();
  const [first, second] = name === undefined ? running : running.filter((one) => one.name === name);
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined)
    throw new KnownError(`several presentations run: ${running.map((one) => one.name).join(', ')}`, {
      exitCode: EXIT.usage,
      hint: 'vethoscope lab notes NAME',
    });
  throw new KnownError(name === undefined ? 'nothing is presented' : `nothing is presented in a lab ${name}`, {
    exitCode: EXIT.usage,
    hint: 'on the other terminal: vethoscope lab present SCENARIO',
  });
};

const row = (title: string, text: string | undefined): string =>
  text === undefined
    ? ''
    : wrapped(inert(text.trim().replaceAll('\n', ' ')), WIDTH, `  ${title.padEnd(10)}`, ' '.repeat(12));

const stepRows = ({ say, ask, answer, note, command, traffic }: ScenarioStep, ran: boolean): string =>
  [
    row('say', say),
    row('ask', ask),
    row('answer', answer),
    row('note', note),
    row(ran ? 'has run' : 'ENTER runs', command),
    row('meanwhile', traffic),
  ].join('');

const solutionRows = (scenario: Scenario): string =>
  solutionOf(scenario)
    .flatMap(inNamespace)
    .map((command, index) => row(index === 0 ? 'solution' : '', command))
    .join('');

const headOf = (slide: Slide, { steps }: Scenario): string =>
  slide.kind === 'step' ? `step ${slide.number} of ${steps.length}` : slide.kind;

/** The notes of a slide: what to say, what the room should answer, the solution, and what comes next. */
const notesText = (scenario: Scenario, slides: readonly Slide[], at: number, ran: boolean): string => {
  const [slide, next] = [slides[at], slides[at + 1]];
  if (slide === undefined) return '';
  const body =
    slide.kind === 'step'
      ? stepRows(slide.step, ran)
      : row('say', slide.kind === 'briefing' ? scenario.briefing : scenario.debrief);
  const following =
    next === undefined
      ? ''
      : row('next', next.kind === 'step' ? (next.step.say ?? next.step.ask ?? next.step.command) : next.kind);
  return `${headOf(slide, scenario)}: ${scenario.title}\n${body}${solutionRows(scenario)}${following}\n`;
};
