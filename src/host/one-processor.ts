import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Whether other programs want half of the processors, or more, at this moment. Programs that run for a moment only are
 * counted too: ask twice.
 * @param loadavg text of /proc/loadavg; its fourth field counts those that run or could run, and so ourselves
 * @see proc_loadavg(5)
 */
export const isBusy = (loadavg = currentLoad(), processors = availableParallelism()): boolean => {
  const [, running] = /^(?:\S+ ){3}(\d+)\//.exec(loadavg) ?? [];
  return processors > 1 && Number(running) - 1 >= processors / 2;
};

const currentLoad = (): string => {
  try {
    return readFileSync('/proc/loadavg', 'latin1');
  } catch {
    return '';
  }
};

/**
 * Keeps this process, and those that it starts from now on, to the processor on which it runs, which the kernel chose for
 * being the idlest: a busy program keeps the others to itself. Two busy processors lose half as much to a trace then, and
 * the trace takes no longer, since it moves about no more. Without taskset nothing happens.
 */
export const keepToOneProcessor = async (): Promise<void> => {
  const { spawnSync } = await import('node:child_process');
  const processor = currentProcessor();
  if (processor !== undefined) spawnSync('taskset', ['--cpu-list', '--pid', processor, `${process.pid}`]);
};

/** @see proc_pid_stat(5), field 39; the name in field 2 may hold blanks and brackets */
const currentProcessor = (): string | undefined => {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36];
};
