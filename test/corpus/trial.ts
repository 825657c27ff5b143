import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, traceArguments } from '../../src/lab/fault.js';
import { createLab, type Lab } from '../../src/lab/lab.js';
import { serveProbes } from '../../src/lab/serve-probes.js';
import type { Run } from '../../src/model/run.js';
import { PROGRAM, topologyOf } from '../helpers/lab.js';

/** One network with something done to it, and what is asked of it. */
export interface Trial {
  readonly id: string;
  readonly topology: string;
  /** Shell commands in the lab's host namespace, after the network is built. */
  readonly commands: readonly string[];
  readonly probe?: Fault['probe'];
  /** Put before the program. */
  readonly launcher?: readonly string[];
}

/** What the program said. `run` is `null` when it printed no document. */
export interface TrialResult {
  readonly run: Run | null;
  readonly exitCode: number | null;
  /** Whole `trace` process. */
  readonly ms: number;
  readonly error: string;
}

/**
 * Builds the network of a trial, runs its commands, and traces it; `then` may ask more before the network is removed.
 * @param beside shell commands whose traffic runs beside the trace
 */
export const runTrial = async <T>(
  trial: Trial,
  then: (lab: Lab, result: TrialResult) => Promise<T>,
  beside: (lab: Lab) => readonly string[] = () => [],
): Promise<{ readonly result: TrialResult; readonly more: T }> => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'vethoscope-corpus-'));
  await chmod(stateFolder, 0o777);
  const lab = await createLab({
    topology: topologyOf(trial.topology),
    program: [...(trial.launcher ?? []), ...PROGRAM],
    env: { XDG_STATE_HOME: stateFolder },
  });
  try {
    await serveProbes(lab, [trial]);
    await lab.run(trial.commands);
    for (const command of beside(lab)) lab.start(['sh', '-c', command]);
    const began = performance.now();
    const { run, exitCode, stderr } = await lab.trace(flowOf(lab, trial));
    const result = { run, exitCode, ms: Math.round(performance.now() - began), error: stderr.trim() };
    return { result, more: await then(lab, result) };
  } finally {
    await lab.close();
    await rm(stateFolder, { recursive: true, force: true });
  }
};

/** Arguments of `trace` and `fix` for a trial. */
export const flowOf = (lab: Lab, { probe }: Pick<Trial, 'probe'>): readonly string[] =>
  traceArguments(lab.topology, probe);

/** Works through the items with so many workers; the results keep the order of the items. */
export const inParallel = async <T, R>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return results;
};
