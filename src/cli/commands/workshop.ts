import { requireLabPrograms } from '../../lab/requirements.js';
import { EXIT } from '../../model/errors.js';
import { errorText } from '../../workshop/parse-scenario.js';
import { type Trial, tryScenario } from '../../workshop/try-scenario.js';
import { type CommandContext, jsonLine } from '../context.js';
import { topologyNamed } from '../lab-names.js';
import { loadFolder, scenarioFolder, scenarioNamed, usableScenarios } from '../scenarios.js';
import type { RawOptions } from '../settings.js';

/** Reads scenario files and says everything that is wrong with them, a line each. */
export const lint = async (
  context: CommandContext,
  [folder]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const { scenarios, errors } = await loadFolder(folder ?? scenarioFolder(options));
  if (context.display.format !== 'text')
    context.out(jsonLine({ scenarios: scenarios.map(({ id, file }) => ({ id, file })), errors }));
  else {
    context.out(errors.map((error) => `${errorText(error)}\n`).join(''));
    context.note(`${counted(scenarios.length, 'scenario')} right, ${counted(errors.length, 'error')}`);
  }
  return errors.length === 0 ? EXIT.ok : EXIT.usage;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Plays scenarios from beginning to end, each in a lab of its own, and says what is not as its file says. */
export const test = async (context: CommandContext, ids: readonly string[], options: RawOptions): Promise<number> => {
  await requireLabPrograms();
  const folder = scenarioFolder(options);
  const chosen =
    ids.length === 0 ? await usableScenarios(folder) : await Promise.all(ids.map((id) => scenarioNamed(id, folder)));
  let failed = 0;
  for (const scenario of chosen) {
    const trial = await tryScenario(scenario, {
      topology: topologyNamed(scenario.topology),
      program: context.program,
      signal: context.signal,
    });
    if (!trial.passed) failed += 1;
    context.out(context.display.format === 'text' ? trialText(trial, context.display.verbose > 0) : jsonLine(trial));
  }
  context.note(
    `${counted(chosen.length, 'scenario')}, ${failed === 0 ? 'all as their files say' : `${failed} not as the file says`}`,
  );
  return failed === 0 ? EXIT.ok : EXIT.fault;
};

const trialText = ({ scenario, stages, passed, ms }: Trial, verbose: boolean): string => {
  const lines = stages.flatMap(({ name, problems, ms: took }) => [
    ...(verbose && problems.length === 0 ? [`  ok    ${name}  ${(took / 1000).toFixed(1)} s`] : []),
    ...problems.map((problem) => `  wrong ${name}: ${problem}`),
  ]);
  return [`${passed ? 'ok   ' : 'wrong'} ${scenario}  ${(ms / 1000).toFixed(1)} s`, ...lines, ''].join('\n');
};
