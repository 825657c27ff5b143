import { runAttached } from '../../host/attached.js';
import { canAsk } from '../../host/stdin.js';
import { forgetLab, type LabRecord } from '../../lab/lab-store.js';
import { EXIT, KnownError } from '../../model/errors.js';
import { type Scenario, solutionOf } from '../../model/scenario.js';
import { findDamage } from '../../workshop/damage.js';
import { adviseLearner } from '../../workshop/hints.js';
import { readLabState } from '../../workshop/lab-state.js';
import { LEARNER_SHELL, learnerCommands } from '../../workshop/learner-shell.js';
import { allHold, askProbes, probeText, wantedText } from '../../workshop/probes.js';
import { type Attempt, attemptOf, saveAttempt, scoreOfAttempt } from '../../workshop/progress.js';
import { inNamespace, runCommands } from '../../workshop/scene.js';
import type { CommandContext } from '../context.js';
import { chosenLab, LAB_VARIABLE, opened, say } from '../running-lab.js';
import { scenarioFolder, scenarioNamed, scenarioOf } from '../scenarios.js';
import { limitFrom, type RawOptions } from '../settings.js';
import { startScenario } from '../start-scenario.js';
import { wrapped } from '../wrap.js';

const WIDTH = 78;

const minutes = (ms: number): string => `${Math.max(1, Math.round(ms / 60_000))} min`;

const paragraph = (text: string): string => wrapped(text.replaceAll('\n', ' '), WIDTH, '  ', '  ');

/** Prose keeps its paragraphs and lists: a line that begins with a number or a dash begins anew. */
const prose = (text: string): string =>
  text
    .split(/\n(?=\s*(?:\d+\.|-|$))/)
    .filter((part) => part.trim() !== '')
    .map((part) => paragraph(part.trim()))
    .join('');

const isInside = (record: LabRecord): boolean => process.env[LAB_VARIABLE] === record.name;

/** Starts a scenario and drops into a shell in its lab; without a terminal it says how to enter. */
export const start = async (
  context: CommandContext,
  [id = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  if (process.env[LAB_VARIABLE] !== undefined)
    throw new KnownError('this is a shell in a lab', { exitCode: EXIT.usage, hint: 'leave it with exit first' });
  const folder = scenarioFolder(options);
  const scenario = await scenarioNamed(id, folder);
  const name = typeof options['name'] === 'string' ? options['name'] : scenario.id;
  const limitMs = typeof options['limit'] === 'string' ? limitFrom(options['limit']) : null;
  const { record } = await startScenario(context, scenario, { name, folder, limitMs });
  const value = { name, scenario: scenario.id, pid: record.holder.pid, attempt: record.scenario?.attempt };
  const text = `${scenario.title}  (level ${scenario.level}, ${minutes(scenario.timeMs)})\n\n${prose(scenario.briefing)}`;
  if (!withShell(context, options)) return say(context, `${text}\n${waysIn(context, name)}`, value);
  context.out(`${text}\n  vethoscope lab check | hint | solve | debrief     exit leaves the lab\n\n`);
  return shellIn(context, record);
};

const withShell = ({ display, terminal }: CommandContext, options: RawOptions): boolean =>
  options['shell'] !== false && display.format === 'text' && terminal.interactive && canAsk();

const waysIn = ({ invocation }: CommandContext, name: string): string =>
  [
    `  enter it   ${invocation} lab enter ${name}`,
    `  does it work now?   ${invocation} lab check --name ${name}`,
    `  a hint     ${invocation} lab hint --name ${name}`,
    `  remove it  ${invocation} lab down ${name}`,
  ].join('\n');

const shellIn = async (context: CommandContext, record: LabRecord): Promise<number> => {
  context.leaveTerminalToChild();
  await runAttached(opened(context, record).command(LEARNER_SHELL), context.signal);
  context.note(`the lab ${record.name} still runs: lab enter ${record.name}, lab down ${record.name}`);
  return EXIT.ok;
};

/** Goes into a lab again. */
export const enter = async (context: CommandContext, [name]: readonly string[]): Promise<number> => {
  const record = await chosenLab(name);
  if (isInside(record)) throw new KnownError(`this is the lab ${record.name}`, { exitCode: EXIT.usage });
  await scenarioOf(record);
  return shellIn(context, record);
};

interface Exercise {
  readonly record: LabRecord;
  readonly scenario: Scenario;
  readonly attempt: Attempt;
}

const exerciseOf = async (name: unknown): Promise<Exercise> => {
  const record = await chosenLab(name);
  const { scenario, kept } = await scenarioOf(record);
  return { record, scenario, attempt: await attemptOf(kept.attempt) };
};

/** Says whether the lab works now, and what a repair has damaged. */
export const check = async (context: CommandContext, _: readonly string[], options: RawOptions): Promise<number> => {
  const { record, scenario, attempt } = await exerciseOf(options['name']);
  const lab = opened(context, record);
  const answers = await askProbes(lab, scenario.check);
  const works = answers.every(({ holds }) => holds);
  const damage = findDamage(scenario.collateral, attempt.baseline, await readLabState(lab));
  const now = settle(
    attempt,
    works,
    damage.map(({ kind }) => kind),
  );
  if (now !== attempt) await saveAttempt(now);
  const score = scoreOfAttempt(now);
  const lines = [
    ...answers.map(
      ({ probe, holds, seen }) =>
        `${holds ? 'ok ' : 'no '} ${probeText(probe)}: ${seen}${holds ? '' : `, wanted ${wantedText(probe)}`}`,
    ),
    ...damage.map(({ kind, what }) => `damage, ${kind}: ${what}`),
    works
      ? `it works: ${score.status}, ${score.points} of 100 points (${context.invocation} lab debrief)`
      : `it does not work yet (${context.invocation} lab hint)`,
  ];
  say(context, lines.join('\n'), {
    name: record.name,
    scenario: scenario.id,
    works,
    probes: answers.map(({ probe, holds, seen }) => ({
      asked: probeText(probe),
      wanted: wantedText(probe),
      seen,
      holds,
    })),
    damage,
    score,
  });
  return works ? EXIT.ok : EXIT.fault;
};

/** An attempt after a check: the first green one settles time and damage. */
const settle = (attempt: Attempt, works: boolean, damage: Attempt['damage']): Attempt => {
  if (attempt.solvedMs !== null) return attempt;
  if (!works) return { ...attempt, wrongChecks: attempt.wrongChecks + 1 };
  return { ...attempt, solvedMs: Date.now(), damage };
};

/** Gives the hint that fits what has been tried and how the lab is now. */
export const hint = async (context: CommandContext, _: readonly string[], options: RawOptions): Promise<number> => {
  const { record, scenario, attempt } = await exerciseOf(options['name']);
  const lab = opened(context, record);
  const advice = await adviseLearner(lab, scenario, {
    commands: await learnerCommands(lab),
    elapsedMs: Date.now() - attempt.startedMs,
    given: attempt.hints,
  });
  if (advice.kind === 'solved')
    return say(context, `it works already: ${context.invocation} lab check`, { name: record.name, hint: null });
  if (advice.kind === 'none')
    return say(context, 'no hint fits what you have tried so far; look at more of the path first', {
      name: record.name,
      hint: null,
    });
  if (!advice.again && attempt.solvedMs === null)
    await saveAttempt({ ...attempt, hints: [...attempt.hints, advice.index] });
  const number = attempt.hints.length + (advice.again ? 0 : 1);
  const head = advice.again ? 'once more' : `hint ${number}, 10 points`;
  return say(context, `${head}:\n${prose(advice.text).trimEnd()}`, {
    name: record.name,
    hint: advice.text,
    index: advice.index,
    again: advice.again,
  });
};

/** Shows the solution and applies it; then there are no points. */
export const solve = async (context: CommandContext, _: readonly string[], options: RawOptions): Promise<number> => {
  const { record, scenario, attempt } = await exerciseOf(options['name']);
  const lab = opened(context, record);
  const works = (): Promise<boolean> => allHold(lab, scenario.check);
  if (await works()) return say(context, 'it works already', { name: record.name, works: true, commands: [] });
  const commands = solutionOf(scenario).flatMap(inNamespace);
  const failed: string[] = [];
  for (const group of solutionOf(scenario))
    for (const command of group.commands)
      await runCommands(lab, [{ netns: group.netns, commands: [command] }]).catch((error: unknown) => {
        if (!(error instanceof KnownError)) throw error;
        failed.push(command);
      });
  const solved = await works();
  if (attempt.solvedMs === null) await saveAttempt({ ...attempt, solvedMs: Date.now(), shown: true });
  const text = [
    ...commands.map((command) => `  ${command}`),
    solved
      ? `it works now (${context.invocation} lab debrief)`
      : `the network has been changed too far for these; outside the lab: ${context.invocation} lab reset ${record.name}`,
  ].join('\n');
  say(context, text, { name: record.name, works: solved, commands, failed });
  return solved ? EXIT.ok : EXIT.fault;
};

/** Builds the lab of a scenario anew; time, hints and checks go on. */
export const reset = async (context: CommandContext, [name]: readonly string[]): Promise<number> => {
  const { record, scenario, attempt } = await exerciseOf(name);
  if (isInside(record))
    throw new KnownError('this shell is in the lab', { exitCode: EXIT.usage, hint: 'leave it with exit first' });
  await opened(context, record).close();
  await forgetLab(record.name);
  const { folder, limitMs } = attempt;
  await startScenario(context, scenario, { name: record.name, folder, limitMs, again: attempt });
  return say(context, `the lab ${record.name} is as it was at the start`, { name: record.name });
};

/** Explains what was broken, once it is solved. */
export const debrief = async (context: CommandContext, _: readonly string[], options: RawOptions): Promise<number> => {
  const { record, scenario, attempt } = await exerciseOf(options['name']);
  if (attempt.solvedMs === null)
    throw new KnownError('it is not solved yet', { exitCode: EXIT.usage, hint: 'vethoscope lab check, hint or solve' });
  const commands = solutionOf(scenario).flatMap(inNamespace);
  const text = [
    `${scenario.title}\n`,
    prose(scenario.debrief),
    `a solution\n${commands.map((command) => `  ${command}\n`).join('')}`,
    ...(scenario.teaches.length === 0
      ? []
      : [`read more\n${scenario.teaches.map((cause) => `  ${context.invocation} explain ${cause}`).join('\n')}`]),
  ].join('\n');
  return say(context, text, {
    name: record.name,
    scenario: scenario.id,
    debrief: scenario.debrief,
    commands,
    teaches: scenario.teaches,
  });
};
