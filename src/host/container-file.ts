import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import type { NetnsRef } from '../model/netns.js';

const LARGEST = 64 * 1024;
const MOST_LINKS = 40;

export type ContainerFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'not-permitted' | 'failed'; readonly message: string };

/** Where a file of a container is read: below the root of its process, or in `/etc/netns/NAME` of a namespace with a name. */
export const containerFile = (
  { path }: Pick<NetnsRef, 'path'>,
  pid: number | null,
  file: string,
): { readonly root: string; readonly file: string } | null => {
  if (pid !== null) return { root: `/proc/${pid}/root`, file };
  const name = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? null : { root: '', file: file.replace('/etc/', `/etc/netns/${name}/`) };
};

/**
 * Text of a file as the container sees it. Every component of the path is opened below the one before it and never
 * through a link, so that a container that changes its files meanwhile cannot lead out of `root` (`/proc/PID/root`): an
 * absolute link begins again at `root`, and `..` stops there. Anything but a regular file of at most 64 KiB is refused.
 */
export const readContainerFile = async (root: string, file: string): Promise<ContainerFile> => {
  const folders: FileHandle[] = [];
  try {
    folders.push(await open(root, FOLDER));
    return await readBelow(folders, file);
  } catch (error) {
    return explain(error, file);
  } finally {
    await Promise.all(folders.map((folder) => folder.close()));
  }
};

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

const explain = (error: unknown, file: string): ContainerFile => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EACCES' || code === 'EPERM') {
    return { ok: false, reason: 'not-permitted', message: `${file}: permission denied` };
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') return failed(`${file}: no such file in the container`);
  if (typeof code === 'string') return failed(`${file}: ${code}`);
  throw error;
};

const failed = (message: string): ContainerFile => ({ ok: false, reason: 'failed', message });

/** `folders` is the chain of open folders from the root on; what is opened here is added, so that the caller closes it. */
const readBelow = async (folders: FileHandle[], file: string): Promise<ContainerFile> => {
  const root = folders.slice(0, 1);
  let chain = root;
  let pending = components(file);
  let links = 0;
  while (pending.length > 0) {
    const [next = '', ...rest] = pending;
    pending = rest;
    if (next === '..') {
      chain = chain.length > 1 ? chain.slice(0, -1) : chain;
      continue;
    }
    const path = `/proc/self/fd/${chain.at(-1)?.fd}/${next}`;
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) return failed(`${file}: too many links`);
      const target = await readlink(path);
      if (target.startsWith('/')) chain = root;
      pending = [...components(target), ...pending];
    } else if (pending.length === 0) {
      return readRegularFile(path, stats, file);
    } else {
      const folder = await open(path, FOLDER | constants.O_NOFOLLOW);
      folders.push(folder);
      chain = [...chain, folder];
    }
  }
  return failed(`${file}: a directory, not a regular file`);
};

const components = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

const readRegularFile = async (path: string, before: Stats, file: string): Promise<ContainerFile> => {
  if (!before.isFile()) return failed(`${file}: ${kindOf(before)}, not a regular file`);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return failed(`${file}: ${kindOf(stats)}, not a regular file`);
    const buffer = Buffer.alloc(LARGEST + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > LARGEST) return failed(`${file}: larger than 64 KiB`);
    return { ok: true, text: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await handle.close();
  }
};

const kindOf = (stats: Stats): string => {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return 'a socket';
};
