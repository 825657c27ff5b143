import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenCases } from './chosen.js';
import { compareCase, networkState, playCases, readerOf } from './compare.js';

const KEEP = process.env['CONFORMANCE_KEEP'] !== undefined;
/** The driver leaves out rules that a tool refuses; no chosen one may be. */
const count = (text: string, rule: RegExp): number => (text.match(rule) ?? []).length;

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
    const { legacy = '', nftables = '', frames = '' } = one.rulesets;
    expect(count(text('legacy'), /^\S+ -A /gm), 'rules of iptables').toBe(count(legacy, /^-A /gm));
    expect(count(text('json'), /"rule":/g), 'rules of nft').toBe(count(nftables + frames, /\bcounter\b/g));
    expect(failures.join('\n')).toBe('');
    expect(predictions.flatMap(({ undecided }) => undecided ?? [])).toEqual([]);
  });
});
