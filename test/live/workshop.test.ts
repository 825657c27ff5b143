import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { cli, temporaryFolder } from '../helpers/cli.js';

const folder = fileURLToPath(new URL('../../src/workshop/scenarios', import.meta.url));
const ids = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ''));

/** By hand, by a break of its own, by faults that lie behind each other, and from outside; `npm run workshop` takes all. */
const SAMPLE = ['build-6-masquerade', 'firewall-reload', 'monday-morning', 'stale-port'];

const chosen = process.env['VETHOSCOPE_SCENARIOS'] === 'all' ? ids : SAMPLE;

test('there are at least 20 scenarios', () => {
  expect(ids.length).toBeGreaterThanOrEqual(20);
});

test.each(chosen)('%s is as its file says, from beginning to end', { timeout: 180_000 }, async (id) => {
  const env = { XDG_STATE_HOME: await temporaryFolder() };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  const { exitCode, stdout } = await cli(['lab', 'test', id, '--json'], { env, timeoutMs: 170_000 });
  const { stages } = JSON.parse(stdout);
  const wrong = stages.filter(({ problems }: { problems: readonly string[] }) => problems.length > 0);
  expect(wrong).toEqual([]);
  expect(exitCode).toBe(0);
});
