import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Start time of a process in clock ticks since boot, as the kernel prints it; `null` when there is none. PID and start
 * time together name one process for good, which a PID alone does not.
 * @see proc_pid_stat(5), field 22
 */
export const processStartTime = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
};

/** Name of a process's network namespace (`net:[4026532178]`); `null` when it is gone or may not be read. */
export const netNamespaceOf = (pid: number | 'self'): Promise<string | null> =>
  readlink(`/proc/${pid}/ns/net`).catch(() => null);

/** PIDs of all processes that run in one of the given network namespaces (`net:[…]`). Unreadable ones are left out. */
export const processesIn = async (namespaces: ReadonlySet<string>): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const owners = await Promise.all(pids.map(netNamespaceOf));
  return pids.filter((_, index) => namespaces.has(owners[index] ?? ''));
};

/** Sends a signal to one process; one that is gone already is no error. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};
