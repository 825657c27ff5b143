import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { access, lstat, open, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { randomHex } from './random.js';
import { childEnvironment } from './run-command.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, W_OK, X_OK } = constants;

/** The user in whose name files are written; `null` is the process's own. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** The system's own word for a failure (`ENOENT`, `ENOSPC`, `EROFS`, …), or `null` for anything else. */
export const errorCode = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
};

/** A file of the wrong kind or size; not an error of the system. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/**
 * Does something with files in another user's name: what that user may not touch fails, and what is made is theirs. All
 * of it is synchronous, because the identity belongs to the whole process.
 */
const inNameOf = <T>(owner: FileOwner | null, action: () => T): T => {
  const { geteuid, getegid, getgroups, seteuid, setegid, setgroups } = process;
  if (owner === null || !geteuid || !getegid || !getgroups || !seteuid || !setegid || !setgroups) return action();
  const [uid, gid, groups] = [geteuid(), getegid(), getgroups()];
  setgroups([owner.gid]);
  setegid(owner.gid);
  seteuid(owner.uid);
  try {
    return action();
  } finally {
    seteuid(uid);
    setegid(gid);
    setgroups(groups);
  }
};

/**
 * Makes a folder (mode 0700) and its missing parents. One that exists is left as it is.
 * @throws FileRefused when the name leads to a link or a file; the system's error otherwise
 */
export const makePrivateFolder = (folder: string, owner: FileOwner | null): void =>
  inNameOf(owner, () => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      if (errorCode(error) === 'ENOENT') accessSync(existingParent(folder), W_OK);
      throw error;
    }
    if (!lstatSync(folder).isDirectory()) throw new FileRefused(`${folder} is a link`);
  });

/** A read-only file system makes a recursive mkdir say that a folder is missing: this one says what is wrong. */
const existingParent = (folder: string): string => {
  const parent = dirname(folder);
  return existsSync(parent) || parent === folder ? parent : existingParent(parent);
};

/**
 * Writes a file (mode 0600) in one step: a new name in the same folder, made exclusively and never through a link, then
 * renamed over the old one. A reader sees the old content or the new, and nothing is left behind on failure.
 * @throws the system's error: `ENOSPC`, `EROFS`, `EACCES`, …
 */
export const writePrivateFile = (path: string, content: string | Uint8Array, owner: FileOwner | null): void =>
  inNameOf(owner, () => {
    const temporary = join(dirname(path), `.${randomHex(6)}.tmp`);
    const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(file, content);
      renameSync(temporary, path);
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    } finally {
      closeSync(file);
    }
  });

/**
 * Reads a regular file as UTF-8.
 * @throws FileRefused for a folder, FIFO or device, and above `maxBytes`; the system's error otherwise
 */
export const readTextFile = async (path: string, maxBytes: number): Promise<string> => {
  const file = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new FileRefused('not a regular file');
    if (status.size > maxBytes) throw new FileRefused(`larger than ${maxBytes} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};

/** One regular file of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly bytes: number;
  /** Time of the last change, milliseconds since 1970. */
  readonly changedMs: number;
}

/**
 * The regular files of a folder (links are left out) whose names are wanted, by name; empty when there is no such folder.
 * Of a name that is not wanted the file is not looked at.
 */
export const listFolder = async (
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly FolderEntry[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const entries: FolderEntry[] = [];
  for (const name of names.filter(isWanted).sort()) {
    const status = await lstat(join(folder, name)).catch(() => null);
    if (status?.isFile()) entries.push({ name, bytes: status.size, changedMs: status.mtimeMs });
  }
  return entries;
};

/** Whether a path is a regular file itself, not a link to one. */
export const isRegularFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (status) => status.isFile(),
    () => false,
  );

/** All names in a folder, links too; empty when there is no such folder. */
export const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

/** Removes a file in its owner's name; one that is gone already is no error. */
export const removeFile = (path: string, owner: FileOwner | null): void =>
  inNameOf(owner, () => rmSync(path, { force: true }));

/** Whether this process may write to a file or folder. */
export const isWritable = (path: string): Promise<boolean> =>
  access(path, W_OK).then(
    () => true,
    () => false,
  );

/** Path of a program in the folders that children are given; `null` when it is not installed. */
export const findProgram = async (name: string): Promise<string | null> => {
  for (const folder of (childEnvironment()['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (
      folder.startsWith('/') &&
      (await access(path, X_OK).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return null;
};
