import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Start time of a process in clock ticks since boot, as the kernel prints it; `null` when there is none. PID and start
 * time together name one process for good, which a PID alone does not.
 * @see proc_pid_stat(5), field 22
 */
export const processStartTime = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat === null ? null : startTimeIn(stat);
};

/** Start time of this process. */
export const ownStartTime = (): string | null => startTimeIn(readFileSync('/proc/self/stat', 'utf8'));

const startTimeIn = (stat: string): string | null => {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
};

/** Name of a process's network namespace (`net:[4026532178]`); `null` when it is gone or may not be read. */
export const netNamespaceOf = (pid: number | 'self'): Promise<string | null> =>
  readlink(`/proc/${pid}/ns/net`).catch(() => null);

/** Whether a process runs in our own user namespace; one that may not be read does not. */
export const sharesUserNamespace = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync('/proc/self/ns/user');
  } catch {
    return false;
  }
};

const allPids = async (): Promise<readonly number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

/** PIDs of all processes that run in one of the given network namespaces (`net:[…]`). Unreadable ones are left out. */
export const processesIn = async (namespaces: ReadonlySet<string>): Promise<readonly number[]> => {
  const pids = await allPids();
  const owners = await Promise.all(pids.map(netNamespaceOf));
  return pids.filter((_, index) => namespaces.has(owners[index] ?? ''));
};

/** The words of a process's command line; none when it is gone. */
export const cmdlineOf = async (pid: number): Promise<readonly string[]> => {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').filter((word) => word !== '');
};

/** A file of a process under /proc; `null` when it is gone or may not be read. */
export const processFile = (pid: number, name: 'status' | 'environ'): Promise<string | null> =>
  readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => null);

/** Sends a signal to one process; one that is gone already is no error. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/** Clock ticks of a second as /proc counts them on every architecture that we run on. @see sysconf(3), _SC_CLK_TCK */
const TICKS = 100;

/** When the machine started, in milliseconds since 1970; `null` where the kernel does not say. @see proc_stat(5), btime */
export const bootTimeMs = async (): Promise<number | null> => {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  const seconds = Number(/^btime (\d+)$/m.exec(stat)?.[1]);
  return Number.isNaN(seconds) ? null : seconds * 1000;
};

/** When a process started, in milliseconds since 1970, to the second; `null` when it is gone. */
export const processStartMs = async (pid: number, bootMs: number): Promise<number | null> => {
  const ticks = await processStartTime(pid);
  return ticks === null ? null : bootMs + (Number(ticks) / TICKS) * 1000;
};

/** Names that are read at once before others have their turn. */
const NAMES_AT_ONCE = 250;

/** The processes of our own network namespace that bear one of the names (at most 15 bytes), by PID. */
export const processesNamed = async (names: ReadonlySet<string>): Promise<ReadonlyMap<number, string>> => {
  const pids = await allPids();
  const named: (readonly [pid: number, name: string])[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % NAMES_AT_ONCE === NAMES_AT_ONCE - 1) await nextTurn();
    const name = nameOf(pid);
    if (names.has(name)) named.push([pid, name]);
  }
  const own = await netNamespaceOf('self');
  const places = await Promise.all(named.map(([pid]) => netNamespaceOf(pid)));
  return new Map(named.filter((_, index) => places[index] === own));
};

/** Synchronous: there may be thousands, and a promise for each takes ten times as long. */
const nameOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '';
  }
};
