import { join } from 'node:path';
import { listFolder, makePrivateFolder, readTextFile, removeFile, writePrivateFile } from '../host/files.js';
import { stateFolder } from '../host/state-folder.js';
import { EXIT, KnownError } from '../model/errors.js';
import { type Holder, isAlive } from './holder.js';

/** A lab that outlives the command that made it. PID and start time of its holder are the mark that it is ours. */
export interface LabRecord {
  readonly name: string;
  readonly topology: string;
  readonly holder: Holder;
  /** Ids of the faults that are broken now, in the order in which they were broken. */
  readonly broken: readonly string[];
  /** The exercise that is done in it. */
  readonly scenario?: LabScenario;
}

/** A scenario of the workshop, and the attempt at it that is kept. */
export interface LabScenario {
  readonly id: string;
  /** The folder that it comes from; `null` for the program's own. */
  readonly folder: string | null;
  readonly attempt: string;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const MAX_BYTES = 64 * 1024;

const labsFolder = async (): Promise<string> => join((await stateFolder()).path, 'labs');

/** @throws KnownError for a name that would not do as a file name */
export const checkLabName = (name: string): void => {
  if (NAME.test(name)) return;
  throw new KnownError(`not a lab name: ${JSON.stringify(name)}`, {
    exitCode: EXIT.usage,
    hint: 'small letters, digits and hyphens, at most 32',
  });
};

const isRecord = (value: unknown): value is LabRecord => {
  const record = value as Partial<LabRecord> | null;
  return (
    typeof record?.name === 'string' &&
    typeof record.topology === 'string' &&
    typeof record.holder?.pid === 'number' &&
    typeof record.holder.startTime === 'string' &&
    Array.isArray(record.broken)
  );
};

const readRecord = async (path: string): Promise<LabRecord | null> => {
  try {
    const value: unknown = JSON.parse(await readTextFile(path, MAX_BYTES));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
};

/** The labs that run, by name. What is left of labs that ended, by a reboot or a kill, is removed. */
export const runningLabs = async (): Promise<readonly LabRecord[]> => {
  const [folder, { owner }] = [await labsFolder(), await stateFolder()];
  const running: LabRecord[] = [];
  for (const entry of await listFolder(folder)) {
    if (!entry.name.endsWith('.json')) continue;
    const path = join(folder, entry.name);
    const record = await readRecord(path);
    if (record !== null && (await isAlive(record.holder))) running.push(record);
    else removeFile(path, owner);
  }
  return running;
};

/** Remembers a lab, or what has changed in it. */
export const saveLab = async (record: LabRecord): Promise<void> => {
  const { path, owner } = await stateFolder();
  makePrivateFolder(path, owner);
  makePrivateFolder(join(path, 'labs'), owner);
  writePrivateFile(join(path, 'labs', `${record.name}.json`), `${JSON.stringify(record)}\n`, owner);
};

/** Forgets a lab. */
export const forgetLab = async (name: string): Promise<void> => {
  removeFile(join(await labsFolder(), `${name}.json`), (await stateFolder()).owner);
};
