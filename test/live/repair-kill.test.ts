import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import type { JournalEntry } from '../../src/model/repair.js';
import { boundaries } from '../helpers/boundaries.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { seeded } from '../helpers/seeded.js';

/** Two causes on one flow: a switch that the kernel spreads, a lost address with its route, and a firewall. */
const BREAK = [
  'sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.br0.send_redirects=0 net.ipv4.conf.eth0.forwarding=1',
  'iptables -P FORWARD DROP',
  'ip -n net1 route del default',
];
const FLOW = ['net1', '203.0.113.5'];

/** How many kills at random moments; `npm run soak:repair` takes 200. */
const KILLS = Number(process.env['VETHOSCOPE_KILLS'] ?? 6);
const SEED = Number(process.env['VETHOSCOPE_SEED'] ?? 7);

let lab: TestLab;
let before = '';

beforeAll(async () => {
  lab = await openLab('textbook');
  await lab.run(BREAK);
  await lab.trace(FLOW);
  before = await inventoryOf(lab);
});

afterAll(() => lab.close());

const vethoscope = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder, ...env } });

const lastEntry = async (): Promise<JournalEntry> => {
  const folder = join(lab.stateFolder, 'journal');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return JSON.parse(await readFile(join(folder, names.at(-1) ?? ''), 'utf8'));
};

const undone = async (): Promise<void> => {
  const result = await vethoscope(['undo', '--last']);
  expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
  expect(await inventoryOf(lab)).toBe(before);
};

describe('a repair that is killed', () => {
  test.each(boundaries(12, [1, 4, 7, 10]))('at boundary %i of fix is undone', async (at) => {
    const killed = await vethoscope(['fix', ...FLOW, '--apply'], { VETHOSCOPE_TEST_KILL_AT: String(at) });
    expect(killed.exitCode).not.toBe(EXIT.ok);
    expect(['planned', 'applying', 'applied']).toContain((await lastEntry()).status);
    await undone();
  });

  test.each(boundaries(6, [2, 5]))('at boundary %i of undo goes on', async (at) => {
    const fixed = await vethoscope(['fix', ...FLOW, '--apply']);
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
    const killed = await vethoscope(['undo', '--last'], { VETHOSCOPE_TEST_KILL_AT: String(at) });
    expect(killed.exitCode).not.toBe(EXIT.ok);
    expect((await lastEntry()).status).toBe('undoing');
    await undone();
  });

  test(
    'at random moments, and its undoing too, is undone',
    async () => {
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
        await killed(['fix', ...FLOW, '--apply'], 2_400);
        await killed(['undo', '--last'], 600);
        await undone();
      }
    },
    60_000 + KILLS * 15_000,
  );

  test('stops another one until it is undone', async () => {
    await vethoscope(['fix', ...FLOW, '--apply'], { VETHOSCOPE_TEST_KILL_AT: '4' });
    const refused = await vethoscope(['fix', ...FLOW, '--apply']);
    expect(refused.exitCode).toBe(EXIT.refused);
    expect(refused.stderr).toContain('an earlier repair was cut short');
    await undone();
  });
});
