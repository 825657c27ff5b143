import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode, FileRefused, listFolder, readTextFile } from '../host/files.js';
import type { Scenario } from '../model/scenario.js';
import { type ParsedScenario, parseScenario, type ScenarioError } from './parse-scenario.js';

/** The scenarios that come with the program: beside this file, and beside the bundle. */
export const OWN_SCENARIOS = fileURLToPath(new URL('./scenarios/', import.meta.url));

const MAX_BYTES = 64 * 1024;
const MAX_FILES = 500;

/** The scenarios of a folder in the order of the course, and what is wrong with its files. */
export interface LoadedScenarios {
  readonly scenarios: readonly Scenario[];
  readonly errors: readonly ScenarioError[];
}

const inCourse = (one: Scenario, other: Scenario): number =>
  (one.order ?? Number.MAX_SAFE_INTEGER) - (other.order ?? Number.MAX_SAFE_INTEGER) || one.id.localeCompare(other.id);

/**
 * Reads every `*.yaml` and `*.yml` of a folder. A file that cannot be read is one error; links are left out.
 * @param causes ids that a trace can name
 */
export const loadScenarios = async (folder: string, causes: ReadonlySet<string>): Promise<LoadedScenarios> => {
  const fail = (message: string): LoadedScenarios => ({ scenarios: [], errors: [{ file: folder, line: 1, message }] });
  const listed = await listFolder(folder).catch((error: unknown) => errorCode(error) ?? 'unreadable');
  if (typeof listed === 'string') return fail(`the folder cannot be read: ${listed}`);
  const files = listed.map(({ name }) => name).filter((name) => /\.ya?ml$/.test(name));
  if (files.length === 0) return fail('there is no scenario in this folder: no file ends with .yaml');
  if (files.length > MAX_FILES) return fail(`there are more than ${MAX_FILES} files in this folder`);
  const read = await Promise.all(files.map((name) => readScenario(join(folder, name), causes)));
  const scenarios: Scenario[] = [];
  const errors: ScenarioError[] = [];
  for (const result of read) {
    errors.push(...result.errors);
    if (result.scenario === null) continue;
    const { scenario } = result;
    const first = scenarios.find(({ id }) => id === scenario.id);
    if (first === undefined) scenarios.push(scenario);
    else
      errors.push({
        file: scenario.file,
        line: 1,
        message: `id: ${scenario.id} is used in ${basename(first.file)} too`,
      });
  }
  return { scenarios: scenarios.toSorted(inCourse), errors };
};

const readScenario = async (path: string, causes: ReadonlySet<string>): Promise<ParsedScenario> => {
  try {
    return parseScenario(path, await readTextFile(path, MAX_BYTES), causes);
  } catch (error) {
    const why = error instanceof FileRefused ? error.message : (errorCode(error) ?? 'it cannot be read');
    return { scenario: null, errors: [{ file: path, line: 1, message: `cannot be read: ${why}` }] };
  }
};
