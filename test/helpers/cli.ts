import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './lab.js';

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** @default 20000 */
  readonly timeoutMs?: number;
}

/** Runs the built program outside of any lab, without a terminal. */
export const cli = async (args: readonly string[], options: CliOptions = {}): Promise<CliResult> => {
  const [file = '', ...rest] = [...PROGRAM, ...args];
  const result = await execa(file, rest, {
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeoutMs ?? 20_000,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    env: { ...options.env },
  });
  return { exitCode: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr };
};

/** An empty folder for one test. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'vethoscope-test-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A search path on which these programs come first, each a shell script. */
export const fakePrograms = async (scripts: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await temporaryFolder();
  for (const [name, script] of Object.entries(scripts))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${folder}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
};
