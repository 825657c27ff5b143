import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode, FileRefused } from './files.js';
import { randomHex } from './random.js';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const OTHERS = 0o077;

/**
 * Makes a folder that nobody else may read or write (mode 0700), with its missing parents.
 * @throws FileRefused when it is a link, another user's, or open to others; the system's error otherwise
 */
export const makeOwnFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const status = lstatSync(folder);
  if (!status.isDirectory()) throw new FileRefused(`${folder} is a link`);
  if (status.uid !== process.geteuid?.()) throw new FileRefused(`${folder} belongs to another user`);
  if ((status.mode & OTHERS) !== 0) throw new FileRefused(`${folder} is open to other users: chmod 700 ${folder}`);
};

/**
 * Writes a file (mode 0600) so that it survives a power cut: content and name are on the disk when this returns, and a
 * reader sees the old content or the new.
 * @throws the system's error: `ENOSPC`, `EROFS`, `EACCES`, …
 * @see fsync(2), rename(2)
 */
export const writeDurably = (path: string, content: string): void =>
  replace(path, content, join(dirname(path), `.${randomHex(6)}.tmp`), () => undefined);

const replace = (path: string, content: string, temporary: string, prepare: (file: number) => void): void => {
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(file, content);
    prepare(file);
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  syncFolder(path);
};

const syncFolder = (path: string): void => {
  const folder = openSync(dirname(path), O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/** Where the new text of a settings file is until it takes the file's name: one that a kill leaves is found again. */
const halfWritten = (path: string): string => join(dirname(path), `.${basename(path)}.vethoscope`);

/**
 * Brings a settings file of the host to a text, as {@link writeDurably}; mode and owner stay, a new one is open to read
 * for all (0644) unless another mode is given. With `null` it is removed. What an earlier, killed call left behind goes.
 * @throws the system's error: `ENOSPC`, `EROFS`, `EACCES`, …
 */
export const replaceSettingsFile = (path: string, content: string | null, mode = 0o644): void => {
  rmSync(halfWritten(path), { force: true });
  if (content === null) {
    rmSync(path, { force: true });
    syncFolder(path);
    return;
  }
  const old = lstatSync(path, { throwIfNoEntry: false });
  replace(path, content, halfWritten(path), (file) => {
    fchownSync(file, old?.uid ?? 0, old?.gid ?? 0);
    fchmodSync(file, old === undefined ? mode : old.mode & 0o7777);
  });
};

/** Makes the folder of a settings file, open to read for all. @throws the system's error */
export const makeSettingsFolder = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  syncFolder(dirname(path));
};

/** Removes the folder of a settings file where nothing is left in it. @throws the system's error */
export const removeSettingsFolder = (path: string): void => {
  try {
    rmdirSync(dirname(path));
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
    return;
  }
  syncFolder(dirname(path));
};

/** Removes what a killed {@link replaceSettingsFile} left beside a file. */
export const removeHalfWritten = (path: string): void => rmSync(halfWritten(path), { force: true });
