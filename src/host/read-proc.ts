import { readFileSync, statSync } from 'node:fs';
import type { CommandResult } from './run-command.js';

/** Where a command runs: a network namespace by path, `null` for our own, and a process of ours that enters it. */
export interface ProcPlace {
  readonly netns: string | null;
  readonly pid: number | null;
}

/** Files of the kernel that never make their reader wait. Those of the folder are of a process's network namespace. */
const OF_NETNS = '/proc/net/';
const MODULES = '/proc/modules';

/**
 * Answers `cat` for such files by reading them, as it would: starting it costs a hundred times as much.
 * @param argv the command without nsenter
 * @returns `null` for every other command, where no process is in the namespace (yet), and for what only `cat` can tell
 * @see proc_pid_net(5)
 */
export const catProc = (argv: readonly string[], { netns, pid }: ProcPlace): CommandResult | null => {
  const [program, ...files] = argv;
  if (program !== 'cat' || files.length === 0 || !files.every(isOfKernel)) return null;
  if (netns !== null && !isIn(pid, netns)) return null;
  const began = performance.now();
  const root = netns === null ? OF_NETNS : `/proc/${pid}/net/`;
  const texts = files.map((file) => contentOf(file.replace(OF_NETNS, root)));
  if (texts.includes(undefined)) return null;
  const absent = files.filter((_, index) => texts[index] === null);
  // Of a process that has just ended everything is absent.
  if (absent.length > 0 && netns !== null && !isIn(pid, netns)) return null;
  return {
    argv,
    exitCode: absent.length === 0 ? 0 : 1,
    stdout: texts.join(''),
    stderr: absent.map((file) => `cat: ${file}: No such file or directory\n`).join(''),
    ms: performance.now() - began,
    failure: absent.length === 0 ? null : 'exit',
  };
};

const isOfKernel = (file: string): boolean => file.startsWith(OF_NETNS) || file === MODULES;

const isIn = (pid: number | null, netns: string): boolean => {
  try {
    const [own, asked] = [statSync(`/proc/${pid}/ns/net`), statSync(netns)];
    return own.ino === asked.ino && own.dev === asked.dev;
  } catch {
    return false;
  }
};

/** `null` for a file that is absent, `undefined` for one that cannot be read. */
const contentOf = (file: string): string | null | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : undefined;
  }
};
