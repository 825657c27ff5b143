import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processStartTime } from '../../src/host/processes.js';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { expectClearError } from '../helpers/trace.js';

const fixture = fileURLToPath(new URL('../../fixtures/scenarios/errors-of-every-kind.yaml', import.meta.url));
const own = fileURLToPath(new URL('../../src/workshop/scenarios/', import.meta.url));

/** A state folder of its own; its labs are removed with it. */
const workshop = async () => {
  const env = { XDG_STATE_HOME: await temporaryFolder() };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  return (...args: readonly string[]) => cli(['lab', ...args], { env });
};

describe('lab lint', () => {
  test('finds nothing wrong with the scenarios of the program', async () => {
    expect(await cli(['lab', 'lint'])).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('has a line for each error of a folder, and names the file', async () => {
    const folder = await temporaryFolder();
    await copyFile(fixture, join(folder, 'bad.yaml'));
    await copyFile(join(own, 'no-masquerade.yaml'), join(folder, 'good.yaml'));
    const { exitCode, stdout, stderr } = await cli(['lab', 'lint', folder]);
    expect(exitCode).toBe(2);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) expect(line).toMatch(/^\/.*\/bad\.yaml:\d+: \S/);
    expect(stderr).toMatch(/^1 scenario right, \d+ errors\n$/);
    const { scenarios, errors } = JSON.parse((await cli(['lab', 'lint', folder, '--json'])).stdout);
    expect(scenarios).toEqual([{ id: 'no-masquerade', file: join(folder, 'good.yaml') }]);
    expect(errors).toHaveLength(lines.length);
  });

  test('a folder without scenarios is an error', async () => {
    const { exitCode, stdout } = await cli(['lab', 'lint', await temporaryFolder()]);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/:1: there is no scenario/),
    });
  });
});

test('lab list shows the course in its order, by level; also that of a folder', async () => {
  const { stdout } = await cli(['lab', 'list', '--json']);
  const { scenarios, faults } = JSON.parse(stdout);
  expect(scenarios.slice(0, 3).map(({ id }: { id: string }) => id)).toEqual([
    'build-1-namespace',
    'build-2-cable',
    'build-3-bridge',
  ]);
  expect(faults.length).toBeGreaterThan(100);
  const folder = await temporaryFolder();
  const text = await readFile(join(own, 'no-masquerade.yaml'), 'utf8');
  await writeFile(join(folder, 'mine.yaml'), text.replace('id: no-masquerade', 'id: mine'));
  const listed = await cli(['lab', 'list', '--scenarios', folder]);
  expect(listed.stdout).toMatch(/^mine {2,}2 {2,}8 {2,}The answer that never comes back$/m);
});

describe('a learner', () => {
  test('starts a scenario, asks for hints, does damage, solves it, and has a score', { timeout: 120_000 }, async () => {
    const lab = await workshop();
    const started = await lab('start', 'no-masquerade', '--name', 'anna', '--json');
    expect(started).toMatchObject({ exitCode: 0, stderr: '' });
    const { pid } = JSON.parse(started.stdout);

    const red = await lab('check', '--json');
    expect(red.exitCode).toBe(3);
    expect(JSON.parse(red.stdout)).toMatchObject({ works: false, damage: [], score: { status: 'open', points: 0 } });
    expectClearError(await lab('debrief'), 2);

    expect(JSON.parse((await lab('hint', '--json')).stdout)).toMatchObject({ index: 0, again: false });
    await lab('exec', '--', 'timeout', '1', 'tcpdump', '-nni', 'eth0');
    expect(JSON.parse((await lab('hint', '--json')).stdout)).toMatchObject({ index: 2, again: false });
    expect(JSON.parse((await lab('hint', '--json')).stdout)).toMatchObject({ index: 2, again: true });

    await lab('exec', '--', 'iptables', '-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE');
    const green = await lab('check', '--json');
    expect(green.exitCode).toBe(0);
    expect(JSON.parse(green.stdout)).toMatchObject({
      works: true,
      damage: [{ kind: 'masquerade-all' }],
      score: { status: 'solved', points: 55, minus: { hints: 20, checks: 5, damage: 20, time: 0 } },
    });
    expect(JSON.parse((await lab('hint', '--json')).stdout)).toMatchObject({ hint: null });
    expect((await lab('debrief')).stdout).toMatch(/a solution\n {2}iptables -t nat -A POSTROUTING/);

    const down = await lab('down', 'anna');
    expect(down.exitCode).toBe(0);
    expect(await processStartTime(pid)).toBeNull();
    const { stdout } = await lab('score', '--csv');
    expect(stdout.split('\r\n').slice(0, 2)).toEqual([
      'lab,scenario,status,points,minutes,hints,wrong checks,damage,started',
      expect.stringMatching(/^anna,no-masquerade,solved,55,0,2,1,masquerade-all,20\d\d-/),
    ]);
    expect(JSON.parse((await lab('score', 'anna', '--json')).stdout).attempts).toHaveLength(1);
    expect(JSON.parse((await lab('score', 'ben', '--json')).stdout).attempts).toEqual([]);
  });

  test('sees the solution applied, without points, and begins anew', { timeout: 120_000 }, async () => {
    const lab = await workshop();
    await lab('start', 'no-masquerade', '--name', 'anna');
    await lab('start', 'build-1-namespace', '--name', 'ben', '--limit', '20m');
    expectClearError(await lab('start', 'no-masquerade', '--name', 'anna'), 2);
    expectClearError(await lab('check'), 2);

    const solved = await lab('solve', '--name', 'anna', '--json');
    expect(JSON.parse(solved.stdout)).toMatchObject({ works: true, failed: [] });
    expect(JSON.parse((await lab('check', '--name', 'anna', '--json')).stdout)).toMatchObject({
      works: true,
      score: { status: 'shown', points: 0 },
    });
    expect((await lab('reset', 'anna')).exitCode).toBe(0);
    expect((await lab('check', '--name', 'anna')).exitCode).toBe(3);
    expect((await lab('check', '--name', 'ben')).exitCode).toBe(3);
    expect(JSON.parse((await lab('down', '--all', '--json')).stdout).removed).toEqual(['anna', 'ben']);
    expect(JSON.parse((await lab('list', '--json')).stdout).labs).toEqual([]);
  });

  test('who asks for what is not there is told so', async () => {
    const lab = await workshop();
    expectClearError(await lab('start', 'no-masqerade'), 2);
    expectClearError(await lab('start', 'no-masquerade', '--scenarios', '/nonexistent'), 2);
    expectClearError(await lab('start', 'no-masquerade', '--name', '../evil'), 2);
    expectClearError(await lab('start', 'no-masquerade', '--limit', 'soon'), 2);
    expectClearError(await lab('check'), 2);
    await lab('up', 'textbook');
    expectClearError(await lab('check'), 2);
    expectClearError(await lab('enter', 'textbook'), 2);
  });
});
