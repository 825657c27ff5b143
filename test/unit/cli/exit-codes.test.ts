import { expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-codes.js';
import type { Run } from '../../../src/model/run.js';

const run = (status: string, ...ranks: string[]) =>
  ({ diagnosis: { status }, findings: ranks.map((rank) => ({ rank })) }) as unknown as Run;

test.each([
  [run('ok'), 0, 0, 0],
  [run('ok', 'noticed'), 0, 0, 3],
  [run('ok', 'behind'), 4, 3, 3],
  [run('degraded'), 4, 3, 3],
  [run('fault', 'root', 'behind'), 3, 3, 3],
  [run('inconclusive', 'noticed'), 5, 5, 5],
])('exit codes for --fail-on error, warn and info (case %#)', (document, error, warn, info) => {
  expect(exitCodeOf(document, 'error')).toBe(error);
  expect(exitCodeOf(document, 'warn')).toBe(warn);
  expect(exitCodeOf(document, 'info')).toBe(info);
});
