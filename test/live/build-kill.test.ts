import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { bareHost, vethoscopeIn } from '../helpers/bare-lab.js';
import { boundaries } from '../helpers/boundaries.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { seeded } from '../helpers/seeded.js';

const BUILD = ['build', '--textbook', 'net7', '--publish', '8088:80', '--apply', '--no-save'];
/** Boundaries of a whole build: more than its steps have. */
const LAST = 82;
const UNDO_LAST = 34;

/** How many kills at random moments, and whether every boundary is tried; `npm run soak:repair` sets both. */
const KILLS = Number(process.env['VETHOSCOPE_KILLS'] ?? 3);
const SEED = Number(process.env['VETHOSCOPE_SEED'] ?? 11);

let lab: TestLab;
let vethoscope: ReturnType<typeof vethoscopeIn>;
let before = '';

const named = async (): Promise<string> => (await lab.exec('ip netns list | sort')).stdout.replace(/ \(id: \d+\)/g, '');

beforeAll(async () => {
  lab = await openLab(bareHost);
  vethoscope = vethoscopeIn(lab);
  before = (await named()) + (await inventoryOf(lab));
});

afterAll(() => lab.close());

const undone = async (what: string): Promise<void> => {
  const result = await vethoscope(['undo', '--last']);
  expect(result.exitCode, `${what}: ${result.stdout}${result.stderr}`).toBe(EXIT.ok);
  expect((await named()) + (await inventoryOf(lab)), what).toBe(before);
};

test.each(boundaries(LAST, [2, 5, 17, 60]))('a build that is killed at boundary %i is undone', async (at) => {
  const killed = await vethoscope(BUILD, { VETHOSCOPE_TEST_KILL_AT: String(at) });
  expect(killed.exitCode, killed.stderr).not.toBe(EXIT.ok);
  await undone(`boundary ${at}`);
});

test.each(boundaries(UNDO_LAST, [2, 20]))('an undo of it that is killed at boundary %i goes on', async (at) => {
  const built = await vethoscope(BUILD);
  expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
  await vethoscope(['undo', '--last'], { VETHOSCOPE_TEST_KILL_AT: String(at) });
  await undone(`boundary ${at}`);
});

test('killed at random moments, and its undoing too, it is undone', { timeout: 60_000 + KILLS * 30_000 }, async () => {
  const random = seeded(SEED);
  const killed = async (args: readonly string[], latestMs: number): Promise<void> => {
    const child = lab.start(['env', `VETHOSCOPE_STATE=${lab.stateFolder}`, ...PROGRAM, ...args]);
    child.stdout.resume();
    child.stderr.resume();
    await sleep(100 + random.below(latestMs));
    child.kill('SIGKILL');
    await child.ended;
  };
  for (let round = 0; round < KILLS; round += 1) {
    await killed(BUILD, 5_000);
    await killed(['undo', '--last'], 1_500);
    await undone(`round ${round}`);
  }
});
