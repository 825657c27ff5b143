import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';

const FLOW = ['net1', '203.0.113.5'];

let lab: TestLab;
let before = '';

const vethoscope = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder, ...env } });

const lastEntry = async () => JSON.parse((await vethoscope(['journal', '--json'])).stdout).entries[0];

const untilUndone = async (): Promise<void> => {
  for (let tries = 0; tries < 300 && (await lastEntry()).status !== 'undone'; tries += 1) await sleep(100);
};

beforeAll(async () => {
  lab = await openLab('textbook');
});

afterAll(() => lab.close());

beforeEach(async () => {
  await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
  before = await inventoryOf(lab);
});

test('a repair on trial is taken back by itself', async () => {
  const fixed = await vethoscope(['fix', ...FLOW, '--apply', '--try', '10s']);
  expect(fixed.exitCode, fixed.stderr).toBe(EXIT.ok);
  expect(fixed.stdout).toContain('unless you keep it');
  expect((await lab.exec('sysctl -n net.ipv4.ip_forward')).stdout).toBe('1\n');
  await untilUndone();
  expect(await inventoryOf(lab)).toBe(before);
});

test('a repair that is kept stays, until it is undone', async () => {
  expect((await vethoscope(['fix', ...FLOW, '--apply', '--try', '10s'])).exitCode).toBe(EXIT.ok);
  const { run } = await lastEntry();
  expect((await vethoscope(['fix', '--keep', run])).exitCode).toBe(EXIT.ok);
  await sleep(11_000);
  expect((await lab.exec('sysctl -n net.ipv4.ip_forward')).stdout).toBe('1\n');
  expect((await vethoscope(['fix', '--keep', run])).exitCode).toBe(EXIT.refused);
  expect((await vethoscope(['undo', run])).exitCode).toBe(EXIT.ok);
  expect(await inventoryOf(lab)).toBe(before);
});

test.each([3, 4, 5])('it is taken back although the program was killed at boundary %i', async (at) => {
  const killed = await vethoscope(['fix', ...FLOW, '--apply', '--try', '3s'], { VETHOSCOPE_TEST_KILL_AT: String(at) });
  expect(killed.exitCode).not.toBe(EXIT.ok);
  await untilUndone();
  expect(await inventoryOf(lab)).toBe(before);
});
