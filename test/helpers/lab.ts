import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.js';
import { topologies } from '../../src/lab/topologies/index.js';
import type { Topology } from '../../src/lab/topology.js';

/** The built program, as a command. */
export const PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url)),
];

export const topologyOf = (id: string): Topology => {
  const topology = topologies.find((candidate) => candidate.id === id);
  if (topology === undefined) throw new Error(`no topology ${id}`);
  return topology;
};

export interface TestLab extends Lab {
  /** Folder that stands for the user's state folder; removed with the lab. */
  readonly stateFolder: string;
}

/** A lab whose runs are stored in a folder of its own. The caller closes it. */
export const openLab = async (
  topology: string | Topology,
  env: Readonly<Record<string, string>> = {},
): Promise<TestLab> => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'vethoscope-test-'));
  const lab = await createLab({
    topology: typeof topology === 'string' ? topologyOf(topology) : topology,
    program: PROGRAM,
    env: { XDG_STATE_HOME: stateFolder, ...env },
  });
  const close = async (): Promise<void> => {
    await lab.close();
    await rm(stateFolder, { recursive: true, force: true });
  };
  return { ...lab, stateFolder, close };
};

/** A lab for one test, closed when the test ends. */
export const labForTest = async (
  topology: string | Topology,
  env: Readonly<Record<string, string>> = {},
): Promise<TestLab> => {
  const lab = await openLab(topology, env);
  onTestFinished(lab.close);
  return lab;
};
