import type { Lab } from '../lab/lab.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Run } from '../model/run.js';
import type { Scenario, ScenarioStep } from '../model/scenario.js';
import type { Output } from '../tui/store/presenter-state.js';
import { type Baseline, findDamage } from '../workshop/damage.js';
import { adviseLearner } from '../workshop/hints.js';
import { readLabState } from '../workshop/lab-state.js';
import { keepCommand, learnerCommands } from '../workshop/learner-shell.js';
import { askProbes, probeText, wantedText } from '../workshop/probes.js';
import { runStep } from '../workshop/run-step.js';
import { captureCommand, probeOf, watchHop } from '../workshop/watch-hop.js';

type Rows = Output['rows'];

const rowsOf = (text: string, tone: Rows[number]['tone']): Rows =>
  text
    .split('\n')
    .map((row) => row.trimEnd())
    .filter((row) => row !== '')
    .map((row) => ({ text: row, tone }));

/** Runs the command of a step, and shows what it printed. */
export const stepShown = async (lab: Lab, step: ScenarioStep, signal: AbortSignal): Promise<Output> => {
  const { stdout, stderr, exitCode } = await runStep(lab, step, signal);
  await keepCommand(lab, step.command ?? '');
  const rows = [...rowsOf(stdout, 'plain'), ...rowsOf(stderr, exitCode === 0 ? 'faint' : 'plain')];
  const end = exitCode === 0 ? 'output' : exitCode === null ? 'it was stopped' : `it failed, exit code ${exitCode}`;
  return { title: rows.length === 0 ? `${end}: nothing was printed` : `${end}:`, rows };
};

/** Captures at a hop of the path while a probe is sent. @throws KnownError where there is no such hop, or no capture */
export const hopSeen = async (
  lab: Lab,
  scenario: Scenario,
  run: Run | null,
  number: number,
  signal: AbortSignal,
): Promise<Output> => {
  const hop = run?.path.hops.find(({ id }) => id === `h${number}`);
  const netns = hop?.netns === 'target' ? (scenario.trace?.target ?? lab.topology.target) : hop?.netns;
  if (hop === undefined)
    throw new KnownError(run === null ? 'the path is not known yet' : `the path has no hop ${number}`, {
      exitCode: EXIT.usage,
    });
  if (
    hop.ifname === null ||
    netns === undefined ||
    !['host', lab.topology.target, ...lab.topology.namespaces].includes(netns)
  )
    throw new KnownError(`hop ${number} (${hop.role}) lies outside: nothing can be captured there`, {
      exitCode: EXIT.usage,
    });
  const probe = probeOf(scenario, lab);
  const { capture, answer } = await watchHop(lab, { netns, ifname: hop.ifname }, probe, signal);
  const packets = rowsOf(capture.stdout, 'plain');
  return {
    title: `hop ${number}, in ${netns}: ${captureCommand(hop.ifname).slice(0, 6).join(' ')}`,
    rows: [
      ...(packets.length === 0 ? [{ text: 'no packet', tone: 'warn' } as const] : packets),
      { text: `${probeText(probe)}: ${answer.seen}`, tone: answer.seen === 'answered' ? 'ok' : 'warn' },
    ],
  };
};

/** Whether it works now, and what has been damaged: judged as for learners. */
export const checked = async (lab: Lab, scenario: Scenario, baseline: Baseline): Promise<Output> => {
  const answers = await askProbes(lab, scenario.check);
  const damage = findDamage(scenario.collateral, baseline, await readLabState(lab));
  return {
    title: answers.every(({ holds }) => holds) ? 'it works' : 'it does not work yet',
    rows: [
      ...answers.map(({ probe, holds, seen }) =>
        holds
          ? ({ text: `ok  ${probeText(probe)}: ${seen}`, tone: 'ok' } as const)
          : ({ text: `no  ${probeText(probe)}: ${seen}, wanted ${wantedText(probe)}`, tone: 'fault' } as const),
      ),
      ...damage.map(({ kind, what }) => ({ text: `damage, ${kind}: ${what}`, tone: 'warn' }) as const),
    ],
  };
};

/** The hint that fits how the lab is now; a new one is added to those that were given. */
export const hinted = async (
  lab: Lab,
  scenario: Scenario,
  { given, elapsedMs }: { readonly given: number[]; readonly elapsedMs: number },
): Promise<Output> => {
  const advice = await adviseLearner(lab, scenario, { commands: await learnerCommands(lab), elapsedMs, given });
  if (advice.kind === 'solved') return { title: 'it works already: no hint is needed', rows: [] };
  if (advice.kind === 'none') return { title: 'no hint fits yet; look at more of the path first', rows: [] };
  if (!advice.again) given.push(advice.index);
  return {
    title: advice.again ? 'hint, once more' : `hint ${given.length} of ${scenario.hints.length}`,
    rows: rowsOf(advice.text, 'strong'),
  };
};
