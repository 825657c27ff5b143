import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lchown, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** User and group that a file shall belong to; `null` leaves it with the process's own. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** The system's own word for a failure (`ENOENT`, `ENOSPC`, `EROFS`, …), or `null` for anything else. */
export const errorCode = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
};

/**
 * Makes a private folder (mode 0700) and its missing parents. Parents that exist are left as they are.
 * @throws the system's error
 */
export const makePrivateFolder = async (folder: string, owner: FileOwner | null): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  await chmod(folder, 0o700);
  if (owner === null) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await lchown(made, owner.uid, owner.gid);
};

/**
 * Writes a file (mode 0600) in one step: a new name in the same folder, made exclusively and never through a link, then
 * renamed over the old one. A reader sees the old content or the new, and nothing is left behind on failure.
 * @throws the system's error: `ENOSPC`, `EROFS`, `EACCES`, …
 */
export const writePrivateFile = async (path: string, content: string, owner: FileOwner | null): Promise<void> => {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(temporary, flags, 0o600);
  try {
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.writeFile(content);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
};

/** What `readTextFile` refuses, besides the system's own errors. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
}

/**
 * Reads a regular file as UTF-8.
 * @throws FileRefused for a folder, FIFO or device, and above `maxBytes`; the system's error otherwise
 */
export const readTextFile = async (path: string, maxBytes: number): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
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

/** The regular files of a folder (links are left out), by name; empty when there is no such folder. */
export const listFolder = async (folder: string): Promise<readonly FolderEntry[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const entries: FolderEntry[] = [];
  for (const name of names.sort()) {
    const status = await lstat(join(folder, name)).catch(() => null);
    if (status?.isFile()) entries.push({ name, bytes: status.size, changedMs: status.mtimeMs });
  }
  return entries;
};

/** Removes a file; one that is gone already is no error. */
export const removeFile = async (path: string): Promise<void> => {
  await unlink(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
};
