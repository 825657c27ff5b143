import { join } from 'node:path';
import { listFolder, makePrivateFolder, readTextFile, removeFile, writePrivateFile } from '../host/files.js';
import { processStartTime } from '../host/processes.js';
import { stateFolder } from '../host/state-folder.js';
import { forgetAttempt } from './progress.js';

/** Where a presentation is; the presenter writes it, the notes on a second terminal follow it. */
export interface Presented {
  /** Name of the lab. */
  readonly name: string;
  readonly scenario: string;
  /** The folder that the scenario comes from; `null` for the program's own. */
  readonly folder: string | null;
  /** The attempt that ends with the presentation; `null` where the lab ran before. */
  readonly attempt: string | null;
  /** Index of the slide, the briefing being 0. */
  readonly at: number;
  /** Whether the slide's command has run. */
  readonly ran: boolean;
  /** The presenter; with the start time the PID names it for good. */
  readonly pid: number;
  readonly startTime: string;
}

const FOLDER = 'presented';
const MAX_BYTES = 64 * 1024;

const fileOf = async (name: string): Promise<string> => join((await stateFolder()).path, FOLDER, `${name}.json`);

/** Says where this process's presentation is. */
export const savePresented = async (presented: Omit<Presented, 'pid' | 'startTime'>): Promise<void> => {
  const { path, owner } = await stateFolder();
  const startTime = await processStartTime(process.pid);
  makePrivateFolder(path, owner);
  makePrivateFolder(join(path, FOLDER), owner);
  const text = `${JSON.stringify({ ...presented, pid: process.pid, startTime })}\n`;
  writePrivateFile(await fileOf(presented.name), text, owner);
};

/** A presentation that ended is not followed any more. */
export const forgetPresented = async (name: string): Promise<void> =>
  removeFile(await fileOf(name), (await stateFolder()).owner);

const isPresented = (value: unknown): value is Presented => {
  const presented = value as Partial<Presented> | null;
  return (
    typeof presented?.name === 'string' &&
    typeof presented.scenario === 'string' &&
    (presented.attempt === null || typeof presented.attempt === 'string') &&
    typeof presented.at === 'number' &&
    typeof presented.pid === 'number' &&
    typeof presented.startTime === 'string'
  );
};

const readFile = async (name: string): Promise<Presented | null> => {
  try {
    const value: unknown = JSON.parse(await readTextFile(await fileOf(name), MAX_BYTES));
    return isPresented(value) ? value : null;
  } catch {
    return null;
  }
};

const runs = async ({ pid, startTime }: Presented): Promise<boolean> => (await processStartTime(pid)) === startTime;

/** Where a presentation is; `null` when it has ended, by a kill too. */
export const readPresented = async (name: string): Promise<Presented | null> => {
  const presented = await readFile(name);
  return presented !== null && (await runs(presented)) ? presented : null;
};

/** The presentations that run. What is left of those that were killed is removed. */
export const presentations = async (): Promise<readonly Presented[]> => {
  const running: Presented[] = [];
  for (const { name: file } of await listFolder(join((await stateFolder()).path, FOLDER))) {
    const name = /^([a-z0-9-]+)\.json$/.exec(file)?.[1];
    if (name === undefined) continue;
    const presented = await readFile(name);
    if (presented !== null && (await runs(presented))) running.push(presented);
    else {
      if (presented !== null && presented.attempt !== null) await forgetAttempt(presented.attempt);
      await forgetPresented(name);
    }
  }
  return running;
};
