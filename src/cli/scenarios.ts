import { resolve } from 'node:path';
import { faults } from '../lab/faults/index.js';
import type { LabRecord, LabScenario } from '../lab/lab-store.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Scenario } from '../model/scenario.js';
import { type LoadedScenarios, loadScenarios, OWN_SCENARIOS } from '../workshop/load-scenarios.js';
import { errorText } from '../workshop/parse-scenario.js';
import { unknown } from './lab-names.js';
import { pages } from './pages.js';
import type { RawOptions } from './settings.js';

/** Every id by which a cause can be called. */
const causes: ReadonlySet<string> = new Set([
  ...pages.flatMap(({ meta }) => [meta.id, ...meta.covers]),
  ...faults.flatMap(({ expect }) => expect.cause),
]);

/** The folder that `--scenarios` names; `null` for the program's own. */
export const scenarioFolder = (options: RawOptions): string | null =>
  typeof options['scenarios'] === 'string' ? resolve(options['scenarios']) : null;

/** The scenarios of a folder, right and wrong ones. */
export const loadFolder = (folder: string | null): Promise<LoadedScenarios> =>
  loadScenarios(folder ?? OWN_SCENARIOS, causes);

/** The scenarios of a folder. @throws KnownError when none can be used; wrong files beside right ones are left out */
export const usableScenarios = async (folder: string | null): Promise<readonly Scenario[]> => {
  const { scenarios, errors } = await loadFolder(folder);
  const [error] = errors;
  if (scenarios.length > 0 || error === undefined) return scenarios;
  throw new KnownError(errorText(error), { exitCode: EXIT.usage, hint: 'vethoscope lab lint DIR shows all errors' });
};

/** @throws KnownError for a scenario that is not there, or has errors */
export const scenarioNamed = async (id: string, folder: string | null): Promise<Scenario> => {
  const { scenarios, errors } = await loadFolder(folder);
  const found = scenarios.find((scenario) => scenario.id === id);
  if (found !== undefined) return found;
  const [error] = errors;
  if (error !== undefined)
    throw new KnownError(errorText(error), { exitCode: EXIT.usage, hint: 'vethoscope lab lint DIR shows all errors' });
  return unknown(
    'scenario',
    id,
    scenarios.map((scenario) => scenario.id),
  );
};

/** The scenario that is done in a lab. @throws KnownError for a lab without one */
export const scenarioOf = async (record: LabRecord): Promise<{ scenario: Scenario; kept: LabScenario }> => {
  if (record.scenario === undefined)
    throw new KnownError(`no scenario is done in the lab ${record.name}`, {
      exitCode: EXIT.usage,
      hint: 'vethoscope lab start SCENARIO',
    });
  return { scenario: await scenarioNamed(record.scenario.id, record.scenario.folder), kept: record.scenario };
};
