import { describe, expect, test } from 'vitest';
import { faults } from '../../src/lab/faults/index.js';
import { sampleFaults } from '../helpers/sample.js';
import { runSingles } from './singles.js';

const isAll = process.env['CORPUS'] === 'all';
const only = (process.env['CORPUS_ONLY'] ?? '').split(',').filter((id) => id !== '');
const workers = Number(process.env['CORPUS_WORKERS'] ?? 2);
const log = (line: string): void => {
  if (isAll) process.stdout.write(`${line}\n`);
};

/** `npm test` breaks more of them in test/live/faults.test.ts. */
const SAMPLE = sampleFaults.filter((_, index) => index % 4 === 0);

const chosen = only.length > 0 ? faults.filter(({ id }) => only.includes(id)) : isAll ? faults : SAMPLE;

describe('single faults', () => {
  test('the cause and the link are right, and never wrong', { timeout: 1_800_000 }, async () => {
    const singles = await runSingles(chosen, { workers, baselines: isAll && only.length === 0, log });
    expect(
      singles.filter(({ outcome }) => outcome === 'wrong').map(({ fault, said }) => `${fault.id}: ${said}`),
    ).toEqual([]);
    const right = singles.filter(({ outcome, linkRight }) => outcome === 'right' && linkRight);
    expect(right.length / singles.length).toBeGreaterThanOrEqual(0.98);
  });
});
