import { readdir, readFile } from 'node:fs/promises';
import { netNamespaceOf } from './processes.js';

/** PIDs of the processes of a name (at most 15 bytes) in our own network namespace. */
export const pidsNamed = async (name: string): Promise<readonly number[]> => {
  const own = await netNamespaceOf('self');
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const isIt = async (pid: number): Promise<boolean> =>
    (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trimEnd() === name &&
    (await netNamespaceOf(pid)) === own;
  const found = await Promise.all(pids.map(isIt));
  return pids.filter((_, index) => found[index]);
};

/** The words of a process's command line; none when it is gone. */
export const cmdlineOf = async (pid: number): Promise<readonly string[]> => {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').filter((word) => word !== '');
};
