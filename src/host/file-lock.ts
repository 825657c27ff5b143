import { spawn } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from './run-command.js';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const BUSY = 1;
const HOLDER_TRIES = 20;
const HOLDER_PAUSE_MS = 25;

export type FileLock =
  /** `release` can be called again. */
  | { readonly held: true; release(): void }
  /** PID of the process that holds it, as it wrote it down itself. */
  | { readonly held: false; readonly by: string };

/**
 * Locks a file for this process, without waiting. The kernel gives the lock back when the process ends, however it ends,
 * so that a lock is never stale. Node has no flock(2): flock(1) locks the open file that it inherits from us, and the
 * lock stays with our descriptor when it ends.
 * @throws Error when flock(1) cannot be run; the system's error when the file cannot be opened
 */
export const lockFile = async (path: string): Promise<FileLock> => {
  const file = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const code = await flock(file);
    if (code === 0) {
      ftruncateSync(file);
      writeSync(file, `${process.pid}\n`, 0);
      let open = true;
      const release = (): void => {
        if (!open) return;
        open = false;
        ftruncateSync(file);
        closeSync(file);
      };
      return { held: true, release };
    }
    if (code !== BUSY) throw new Error(`flock ended with ${code}`);
    const by = await holderOf(path);
    closeSync(file);
    return { held: false, by };
  } catch (error) {
    closeSync(file);
    throw error;
  }
};

/** PID in a lock file. The holder writes it just after it has the lock. */
const holderOf = async (path: string): Promise<string> => {
  for (let tries = 0; tries < HOLDER_TRIES; tries += 1) {
    const by = readFileSync(path, 'utf8').trim();
    if (by !== '') return by;
    await sleep(HOLDER_PAUSE_MS);
  }
  return '';
};

const flock = (file: number): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn('flock', ['--nonblock', '3'], {
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', file],
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
