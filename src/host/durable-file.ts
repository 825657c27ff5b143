import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FileRefused } from './files.js';

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
export const writeDurably = (path: string, content: string): void => {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  const folder = openSync(dirname(path), O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};
