import { processStartTime } from '../host/processes.js';
import { createLab, type Lab } from '../lab/lab.js';
import type { Topology } from '../lab/topology.js';
import { KnownError } from '../model/errors.js';
import type { ExpectedCause, LabProbe, Scenario, ScenarioStep } from '../model/scenario.js';
import { type Baseline, findDamage, PROVOCATION_ORDER, provocation } from './damage.js';
import { adviseLearner } from './hints.js';
import { inventoryDifference, machineInventory } from './inventory.js';
import { readLabState } from './lab-state.js';
import { allHold, askProbe, askProbes, probeText, wantedText } from './probes.js';
import { runStep } from './run-step.js';
import { breakScene, prepareScene, runCommands } from './scene.js';
import { judgeDiagnosis, scenarioTraceArguments } from './trace-arguments.js';

/** One thing that has to be true of a scenario, and what is wrong with it; empty when nothing is. */
export interface Stage {
  readonly name: string;
  readonly problems: readonly string[];
  /** Milliseconds since the stage before. */
  readonly ms: number;
}

type Judged = Omit<Stage, 'ms'>;

export interface Trial {
  readonly scenario: string;
  readonly stages: readonly Stage[];
  readonly passed: boolean;
  readonly ms: number;
}

export interface TrialOptions {
  readonly topology: Topology;
  /** Command that starts the program, for `trace`. */
  readonly program: readonly string[];
  readonly signal?: AbortSignal;
}

/** Plays a scenario from its beginning to its end in a lab of its own, and judges every part. */
export const tryScenario = async (scenario: Scenario, options: TrialOptions): Promise<Trial> => {
  const started = performance.now();
  const before = await machineInventory();
  const stages: Stage[] = [];
  let last = started;
  const keep = (stage: Judged): void => {
    const now = performance.now();
    stages.push({ ...stage, ms: now - last });
    last = now;
  };
  let lab: Lab | null = null;
  try {
    lab = await createLab({ topology: options.topology, program: options.program, confined: true });
    for await (const stage of play(lab, scenario)) {
      keep(stage);
      options.signal?.throwIfAborted();
      if (stage.problems.length > 0 && STOPS.includes(stage.name)) break;
    }
  } catch (error) {
    if (!(error instanceof KnownError) || options.signal?.aborted) {
      await lab?.close();
      throw error;
    }
    keep({ name: 'run', problems: [error.message] });
  }
  const inside = (await lab?.processes()) ?? [];
  await lab?.close();
  const left = await stillRunning(inside);
  keep({
    name: 'down',
    problems: [
      ...(left.length === 0 ? [] : [`${left.length} processes are left`]),
      ...inventoryDifference(before, await machineInventory()),
    ],
  });
  const passed = stages.every(({ problems }) => problems.length === 0);
  return { scenario: scenario.id, stages, passed, ms: performance.now() - started };
};

const GONE_WITHIN_MS = 3_000;

/** Those of the processes that do not end within a moment: a killed one is seen until the kernel has taken it apart. */
const stillRunning = async (pids: readonly number[]): Promise<readonly number[]> => {
  const deadline = Date.now() + GONE_WITHIN_MS;
  for (;;) {
    const times = await Promise.all(pids.map(processStartTime));
    const left = pids.filter((_, index) => times[index] !== null);
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** What comes after these means nothing where they fail. */
const STOPS = ['healthy', 'symptom'];

async function* play(lab: Lab, scenario: Scenario): AsyncGenerator<Judged> {
  await prepareScene(lab, scenario);
  const healthy = await readLabState(lab);
  if (scenario.break.length > 0) yield { name: 'healthy', problems: await unmet(lab, scenario.check.filter(isFlow)) };
  await breakScene(lab, scenario);
  const baseline: Baseline = { healthy, broken: await readLabState(lab) };
  yield { name: 'symptom', problems: await unmet(lab, scenario.symptom) };
  yield {
    name: 'check while broken',
    problems: (await allHold(lab, scenario.check)) ? ['it says that it is solved'] : [],
  };
  yield { name: 'first hint', problems: await firstHint(lab, scenario) };
  yield { name: 'trace', problems: await traced(lab, scenario, scenario.expect.slice(0, 1)) };
  yield* solve(lab, scenario);
  yield { name: 'check', problems: await unmet(lab, scenario.check) };
  const advice = await adviseLearner(lab, scenario, { commands: [], elapsedMs: 0, given: [] });
  yield { name: 'hint when solved', problems: advice.kind === 'solved' ? [] : ['there is still a hint'] };
  const damage = findDamage(scenario.collateral, baseline, await readLabState(lab));
  yield { name: 'solution does no damage', problems: damage.map(({ kind, what }) => `${kind}: ${what}`) };
  yield { name: 'collateral', problems: await provoke(lab, scenario, baseline) };
}

/** What flows in the healthy network; how it was broken, and may be left, is no part of that. */
const isFlow = ({ kind }: LabProbe): boolean => kind === 'ping' || kind === 'tcp' || kind === 'dns';

const unmet = async (lab: Lab, probes: readonly LabProbe[]): Promise<readonly string[]> =>
  (await askProbes(lab, probes))
    .filter(({ holds }) => !holds)
    .map(({ probe, seen }) => `${probeText(probe)}: wanted ${wantedText(probe)}, is ${seen}`);

const firstHint = async (lab: Lab, scenario: Scenario): Promise<readonly string[]> => {
  const advice = await adviseLearner(lab, scenario, { commands: [], elapsedMs: 0, given: [] });
  return advice.kind === 'hint' ? [] : ['no hint fits a learner who has done nothing yet'];
};

const traced = async (
  lab: Lab,
  scenario: Scenario,
  [expected]: readonly ExpectedCause[],
): Promise<readonly string[]> => {
  if (expected === undefined) return [];
  const { run, stderr } = await lab.trace([...scenarioTraceArguments(scenario, lab.topology), '--no-save']);
  const problem = run === null ? `the trace brought nothing: ${stderr.trim()}` : judgeDiagnosis(run, expected);
  return problem === null ? [] : [problem];
};

/** Runs the command of a step that shows something, and judges that it does. */
const showStep = async (lab: Lab, step: ScenarioStep): Promise<readonly string[]> => {
  const { exitCode, stdout, stderr } = await runStep(lab, step);
  const { command = '', fails } = step;
  if ((exitCode !== 0) !== fails)
    return [`${command}: ${fails ? 'it should fail and does not' : stderr.trim() || `exit code ${exitCode}`}`];
  return `${stdout}${stderr}`.trim() === '' ? [`${command}: it shows nothing`] : [];
};

/** Steps that only show something come before a solution of its own; else the steps are the solution. */
const stepsToSolution = ({ steps, solve: own }: Scenario): readonly ScenarioStep[] => {
  const withCommand = steps.filter(({ command }) => command !== undefined);
  if (own.length === 0) return withCommand;
  const commands = own.flatMap(({ netns, commands: list }) =>
    list.map((command): ScenarioStep => ({ netns, command, changes: true, fails: false })),
  );
  return [...withCommand.filter(({ changes }) => !changes), ...commands];
};

/** Solves it command by command. Each hint has to fit at some time before the end, and each cause has to be found. */
async function* solve(lab: Lab, scenario: Scenario): AsyncGenerator<Judged> {
  const waiting = new Set(scenario.hints.keys());
  const causes = scenario.expect.slice(1);
  const shown: string[] = [];
  const traces: string[] = [];
  for (const step of stepsToSolution(scenario)) {
    if (!step.changes) {
      shown.push(...(await showStep(lab, step)));
      continue;
    }
    for (const index of waiting) {
      const probe = scenario.hints[index]?.when.probe;
      if (probe === undefined || (await askProbe(lab, probe)).holds) waiting.delete(index);
    }
    await runCommands(lab, [{ netns: step.netns, commands: [step.command ?? ''] }]);
    if (causes.length === 0) continue;
    const problems = await traced(lab, scenario, causes);
    if (problems.length === 0) causes.shift();
    else traces.push(...problems);
  }
  yield { name: 'commands', problems: shown };
  yield { name: 'hints', problems: [...waiting].map((index) => `hints[${index}] never fits`) };
  yield {
    name: 'causes behind the first',
    problems: causes.map(({ cause }) => `${cause} is never named; ${traces.join('; ')}`),
  };
}

const provoke = async (lab: Lab, { collateral }: Scenario, baseline: Baseline): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const kind of PROVOCATION_ORDER.filter((entry) => collateral.includes(entry))) {
    const commands = provocation(kind, baseline);
    if (commands === null) {
      problems.push(`${kind}: there is nothing in this network to damage`);
      continue;
    }
    await runCommands(lab, [commands]);
    const found = findDamage([kind], baseline, await readLabState(lab));
    if (found.length === 0) problems.push(`${kind}: not seen after ${commands.commands.join('; ')}`);
  }
  return problems;
};
