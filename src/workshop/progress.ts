import { join } from 'node:path';
import { listFolder, makePrivateFolder, readTextFile, removeFile, writePrivateFile } from '../host/files.js';
import { stateFolder } from '../host/state-folder.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { CollateralKind } from '../model/scenario.js';
import type { Baseline } from './damage.js';
import { type Score, scoreOf } from './score.js';

/** One learner at one scenario; kept when the lab is gone. */
export interface Attempt {
  /** Names the file. */
  readonly id: string;
  /** Name of the lab, which stands for the learner. */
  readonly lab: string;
  readonly scenario: string;
  /** The folder that the scenario comes from; `null` for the program's own. */
  readonly folder: string | null;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly timeMs: number;
  readonly limitMs: number | null;
  /** Indices of the hints that were given. */
  readonly hints: readonly number[];
  readonly wrongChecks: number;
  readonly damage: readonly CollateralKind[];
  /** Milliseconds since 1970. */
  readonly solvedMs: number | null;
  readonly shown: boolean;
  readonly baseline: Baseline;
}

const MAX_BYTES = 4 * 1024 * 1024;
const FOLDER = 'workshop';

const isAttempt = (value: unknown): value is Attempt => {
  const attempt = value as Partial<Attempt> | null;
  return (
    typeof attempt?.id === 'string' &&
    typeof attempt.lab === 'string' &&
    typeof attempt.scenario === 'string' &&
    typeof attempt.startedMs === 'number' &&
    Array.isArray(attempt.hints) &&
    Array.isArray(attempt.damage) &&
    typeof attempt.baseline === 'object'
  );
};

/** Remembers an attempt, or what has changed in it. */
export const saveAttempt = async (attempt: Attempt): Promise<void> => {
  const { path, owner } = await stateFolder();
  makePrivateFolder(path, owner);
  makePrivateFolder(join(path, FOLDER), owner);
  writePrivateFile(join(path, FOLDER, `${attempt.id}.json`), `${JSON.stringify(attempt)}\n`, owner);
};

const ID = /^\d+-[0-9a-f]+$/;

/** Forgets an attempt that was nobody's. */
export const forgetAttempt = async (id: string): Promise<void> => {
  if (!ID.test(id)) return;
  const { path, owner } = await stateFolder();
  removeFile(join(path, FOLDER, `${id}.json`), owner);
};

/** Every attempt that is kept, oldest first. Files that hold none are left out. */
export const readAttempts = async (): Promise<readonly Attempt[]> => {
  const folder = join((await stateFolder()).path, FOLDER);
  const files = (await listFolder(folder)).filter(({ name }) => name.endsWith('.json'));
  const values = await Promise.all(files.map(({ name }) => readAttempt(join(folder, name))));
  return values.filter((attempt) => attempt !== null).toSorted((one, other) => one.startedMs - other.startedMs);
};

const readAttempt = async (path: string): Promise<Attempt | null> => {
  try {
    const value: unknown = JSON.parse(await readTextFile(path, MAX_BYTES));
    return isAttempt(value) ? value : null;
  } catch {
    return null;
  }
};

/** @throws KnownError when an attempt is kept no more */
export const attemptOf = async (id: string): Promise<Attempt> => {
  const found = (await readAttempts()).find((attempt) => attempt.id === id);
  if (found !== undefined) return found;
  throw new KnownError('the progress of this lab is not kept any more', {
    exitCode: EXIT.usage,
    hint: 'vethoscope lab down, then lab start again',
  });
};

/** The score of an attempt as it stands. */
export const scoreOfAttempt = (attempt: Attempt): Score =>
  scoreOf({
    hints: attempt.hints.length,
    wrongChecks: attempt.wrongChecks,
    damage: attempt.damage,
    tookMs: attempt.solvedMs === null ? null : attempt.solvedMs - attempt.startedMs,
    timeMs: attempt.timeMs,
    limitMs: attempt.limitMs,
    shown: attempt.shown,
  });
