import {
  makeSettingsFolder,
  removeHalfWritten,
  removeSettingsFolder,
  replaceSettingsFile,
} from '../../host/durable-file.js';
import { errorCode, isRegularFile, readTextFile } from '../../host/files.js';
import type { FileChange } from '../../model/repair.js';

const MAX_BYTES = 8 * 1024 * 1024;

/** A file that somebody else has changed since. */
export interface FileConflict extends FileChange {
  readonly now: string | null;
}

const textNow = async (path: string): Promise<string | null> =>
  readTextFile(path, MAX_BYTES).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });

/** The files that hold neither what they held before nor what we wrote. */
export const fileConflicts = async (files: readonly FileChange[]): Promise<readonly FileConflict[]> => {
  const conflicts: FileConflict[] = [];
  for (const file of files) {
    const now = await textNow(file.path);
    const isLink = now !== null && !(await isRegularFile(file.path));
    if (isLink || (now !== file.before && now !== file.after)) conflicts.push({ ...file, now });
  }
  return conflicts;
};

/**
 * Writes what a repair keeps over a restart, each file in one step.
 * @param boundary called before and after everything that is written
 * @throws the system's error
 */
export const writeFiles = (files: readonly FileChange[], boundary: () => void): void => {
  for (const { path, after, mode, makesFolder } of files) {
    boundary();
    if (makesFolder) {
      makeSettingsFolder(path);
      boundary();
    }
    replaceSettingsFile(path, after, mode);
  }
  boundary();
};

/** Files as they were before; what is so already is left alone. Returns the paths of those that were written. */
export const restoreFiles = async (files: readonly FileChange[], boundary: () => void): Promise<readonly string[]> => {
  const done: string[] = [];
  for (const { path, before, makesFolder } of files) {
    removeHalfWritten(path);
    if ((await textNow(path)) !== before) {
      boundary();
      replaceSettingsFile(path, before);
      done.push(path);
    }
    if (makesFolder) removeSettingsFolder(path);
  }
  return done;
};
