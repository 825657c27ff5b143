import { join } from 'node:path';
import {
  errorCode,
  FileRefused,
  type FolderEntry,
  listFolder,
  makePrivateFolder,
  readTextFile,
  removeFile,
  writePrivateFile,
} from '../host/files.js';
import { stateFolder } from '../host/state-folder.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Run } from '../model/run.js';
import { parseRunDocument } from './run-document.js';

/** A document with two 70,000-rule dumps has about 40 MB. */
export const MAX_RUN_BYTES = 256 * 1024 * 1024;

const RUN_FILE = /^([0-9a-z]{1,64})\.json$/;

/** A run that is stored. */
export interface StoredRun {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

const runsFolder = async (): Promise<string> => join((await stateFolder()).path, 'runs');

const storedRun =
  (folder: string) =>
  (entry: FolderEntry): readonly StoredRun[] => {
    const id = RUN_FILE.exec(entry.name)?.[1];
    return id === undefined ? [] : [{ ...entry, id, path: join(folder, entry.name) }];
  };

/** The stored runs, the newest first. */
export const storedRuns = async (): Promise<readonly StoredRun[]> => {
  const folder = await runsFolder();
  const runs = (await listFolder(folder)).flatMap(storedRun(folder));
  return runs.sort((a, b) => b.changedMs - a.changedMs || a.id.localeCompare(b.id));
};

/**
 * Stores a run in the user's state folder.
 * @returns `null`, or why it could not be stored: a full disk must not change the outcome of a trace
 */
export const storeRun = async (run: Run): Promise<string | null> => {
  try {
    const { path, owner } = await stateFolder();
    makePrivateFolder(path, owner);
    makePrivateFolder(join(path, 'runs'), owner);
    writePrivateFile(join(path, 'runs', `${run.run.id}.json`), `${JSON.stringify(run)}\n`, owner);
    return null;
  } catch (error) {
    if (error instanceof FileRefused || errorCode(error) !== null) return (error as Error).message;
    throw error;
  }
};

/** Removes stored runs, and says which. */
export const pruneRuns = async (olderThanMs: number, now: number, dryRun: boolean): Promise<readonly StoredRun[]> => {
  const old = (await storedRuns()).filter((run) => now - run.changedMs > olderThanMs);
  const { owner } = await stateFolder();
  if (!dryRun) for (const run of old) removeFile(run.path, owner);
  return old;
};

/** The stored run with this id or beginning of an id. @throws KnownError for none or several */
const findStored = async (prefix: string): Promise<StoredRun> => {
  const runs = await storedRuns();
  const exact = runs.find((run) => run.id === prefix);
  if (exact) return exact;
  const matches = runs.filter((run) => run.id.startsWith(prefix));
  const [first] = matches;
  if (first === undefined)
    throw new KnownError(`no stored run ${JSON.stringify(prefix)}`, {
      exitCode: EXIT.usage,
      hint: 'vethoscope runs lists them; a file is named by its path',
    });
  if (matches.length > 1)
    throw new KnownError(
      `${matches.length} stored runs begin with ${prefix}: ${matches.map((run) => run.id).join(' ')}`,
      {
        exitCode: EXIT.usage,
      },
    );
  return first;
};

const readFailure = (path: string, error: unknown): never => {
  if (!(error instanceof FileRefused) && errorCode(error) === null) throw error;
  throw new KnownError(`cannot read ${path}: ${(error as Error).message}`, { exitCode: EXIT.usage, cause: error });
};

/** A file that the user named. @throws KnownError when it cannot be read */
export const readUserFile = (path: string, maxBytes: number): Promise<string> =>
  readTextFile(path, maxBytes).catch((error: unknown) => readFailure(path, error));

/**
 * The run document by id, beginning of an id, or file (whatever has a slash or ends with `.json` or `.html`).
 * @throws KnownError when there is none, or it is no run document of this format
 */
export const loadRun = async (name: string): Promise<Run> => {
  const path = /\/|\.json$|\.html$/.test(name) ? name : (await findStored(name)).path;
  return parseRunDocument(await readUserFile(path, MAX_RUN_BYTES), path);
};
