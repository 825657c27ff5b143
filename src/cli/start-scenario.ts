import { randomHex } from '../host/random.js';
import { createLab, type Lab } from '../lab/lab.js';
import { checkLabName, type LabRecord, runningLabs, saveLab } from '../lab/lab-store.js';
import { requireLabPrograms } from '../lab/requirements.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Scenario } from '../model/scenario.js';
import { furnishLab } from '../workshop/learner-shell.js';
import { openScenario } from '../workshop/open-scenario.js';
import { type Attempt, saveAttempt } from '../workshop/progress.js';
import type { CommandContext } from './context.js';
import { topologyNamed } from './lab-names.js';

export interface ScenarioStart {
  /** Name of the lab, which stands for the learner. */
  readonly name: string;
  /** Folder of the scenario; `null` for the program's own. */
  readonly folder: string | null;
  readonly limitMs: number | null;
  /** The attempt that goes on, where the lab is built again. */
  readonly again?: Attempt;
  /** Without it the lab dies with us, SIGKILL included. @default true */
  readonly lasting?: boolean;
}

/**
 * Builds the lab of a scenario, and breaks it.
 * @throws KnownError when a lab of this name runs, or it cannot be built; then nothing is left
 */
export const startScenario = async (
  context: CommandContext,
  scenario: Scenario,
  { name, folder, limitMs, again, lasting = true }: ScenarioStart,
): Promise<{ readonly lab: Lab; readonly record: LabRecord }> => {
  checkLabName(name);
  if ((await runningLabs()).some((record) => record.name === name))
    throw new KnownError(`a lab ${name} runs already`, {
      exitCode: EXIT.usage,
      hint: `vethoscope lab enter ${name}, or another --name`,
    });
  await requireLabPrograms();
  const topology = topologyNamed(scenario.topology);
  const lab = await createLab({ topology, program: context.program, lasting, confined: true });
  try {
    const baseline = await openScenario(lab, scenario);
    await furnishLab(lab, name, context.program);
    const attempt: Attempt = again ?? {
      id: `${Date.now()}-${randomHex(4)}`,
      lab: name,
      scenario: scenario.id,
      folder,
      startedMs: Date.now(),
      timeMs: scenario.timeMs,
      limitMs,
      hints: [],
      wrongChecks: 0,
      damage: [],
      solvedMs: null,
      shown: false,
      baseline,
    };
    await saveAttempt({ ...attempt, baseline });
    const record: LabRecord = {
      name,
      topology: topology.id,
      holder: lab.holder,
      broken: scenario.break.flatMap((entry) => ('fault' in entry ? [entry.fault] : [])),
      scenario: { id: scenario.id, folder, attempt: attempt.id },
    };
    await saveLab(record);
    return { lab, record };
  } catch (error) {
    await lab.close();
    throw error;
  }
};
