import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Run } from '../../../src/model/run.js';
import { PROGRAM } from '../../helpers/lab.js';

const helper = (name: string): string => fileURLToPath(new URL(`../../helpers/${name}`, import.meta.url));

/** What one `trace` or `traced` of a script brought. */
export interface Traced {
  readonly exitCode: number;
  readonly text: string;
  /** @throws where it printed no run document */
  run(): Run;
}

/** All cases run in the soak; `npm test` takes a fixed sample of them. */
export const ALL = process.env['VETHOSCOPE_RUNTIMES'] === 'all';

export const isRootWith = async (...programs: readonly (readonly string[])[]): Promise<boolean> => {
  if (process.getuid?.() !== 0) return false;
  const tried = await Promise.all(programs.map(([file = '', ...args]) => execa(file, args, { reject: false })));
  return tried.every(({ code }) => code !== 'ENOENT');
};

/**
 * Runs a shell script on a host of its own (`docker-in-netns.sh` with a Docker daemon, or `host-in-netns.sh`), in which
 * `trace NAME ARG…` and `traced NAME COMMAND…` are defined; gives what each of them brought.
 * @throws with the script's own words when it fails
 */
export const runScripted = async (
  host: 'docker-in-netns.sh' | 'host-in-netns.sh',
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Traced>> => {
  const whole = `set -eu\nWORDS="${PROGRAM.join(' ')}"\n. ${helper('trace-lines.sh')}\n${script}`;
  const { stdout } = await execa('bash', [helper(host), 'bash', '-c', whole], { timeout: 540_000, env });
  const results = new Map<string, Traced>();
  for (const line of stdout.split('\n')) {
    const [name, exitCode, text] = line.split('\t');
    if (name === undefined || exitCode === undefined || text === undefined) continue;
    results.set(name, {
      exitCode: Number(exitCode),
      text,
      run: () => {
        if (!/^\{ *"schema"/.test(text)) throw new Error(`${name}: no run document: ${text.slice(0, 500)}`);
        return JSON.parse(text) as Run;
      },
    });
  }
  return results;
};

/** What a right diagnosis says: its first command's first words, or what its instruction matches. */
export interface ExpectedRun {
  readonly cause: string;
  readonly stage: string;
  readonly title: RegExp;
  readonly owner?: string;
  readonly remedy: readonly string[] | RegExp;
}

/** The same as `ExpectedRun` says it, of a run. */
export const saidBy = (run: Run, expected: ExpectedRun): ExpectedRun => {
  const [root] = run.findings;
  const [first] = root?.remedies ?? [];
  const owner = root?.origin?.owner;
  const words = first?.commands[0]?.slice(0, expected.remedy instanceof RegExp ? 0 : expected.remedy.length) ?? [];
  const isMatch = expected.remedy instanceof RegExp && expected.remedy.test(first?.title ?? '');
  return {
    cause: run.diagnosis.cause ?? run.diagnosis.status,
    stage: run.diagnosis.brokenLink?.stage ?? 'none',
    title: expected.title.test(run.diagnosis.title) ? expected.title : new RegExp(run.diagnosis.title),
    ...(owner === undefined ? {} : { owner }),
    remedy: expected.remedy instanceof RegExp ? (isMatch ? expected.remedy : [first?.title ?? 'none']) : words,
  };
};
