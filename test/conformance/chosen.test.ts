import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenCases } from './chosen.js';
import { compareCase, networkState, playCases, readerOf } from './compare.js';

const KEEP = process.env['CONFORMANCE_KEEP'] !== undefined;
const notRoot = process.getuid?.() !== 0;

describe.skipIf(notRoot)('chosen rulesets, packets really sent, against the kernel', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vethoscope-conformance-'));

  beforeAll(
    () =>
      playCases(
        directory,
        chosenCases.map(([, one]) => one),
      ),
    120_000,
  );

  afterAll(() => {
    if (KEEP) process.stdout.write(`kept: ${directory}\n`);
    else rmSync(directory, { recursive: true });
  });

  it.each(chosenCases.map(([name, one], number) => ({ name, one, number })))('$name', ({ one, number }) => {
    const text = readerOf(join(directory, String(number)));
    const { failures, predictions } = compareCase(one, text, networkState(text));
    expect(failures.join('\n')).toBe('');
    expect(predictions.flatMap(({ undecided }) => undecided ?? [])).toEqual([]);
  });
});
