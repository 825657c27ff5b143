import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Compared, compareCase, networkState } from '../../conformance/compare.js';
import type { TestCase } from '../../conformance/random-case.js';

interface Recorded {
  readonly case: TestCase;
  readonly network: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

const FOLDER = new URL('../../../fixtures/conformance/', import.meta.url);

const recorded = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonl.gz'))
  .flatMap((name) =>
    gunzipSync(readFileSync(new URL(name, FOLDER)))
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line, index) => ({ name: `${name} ${index}`, ...(JSON.parse(line) as Recorded) })),
  );

const compare = ({ case: one, network, files }: Recorded): Compared =>
  compareCase(
    one,
    (name) => files[name] ?? '',
    networkState((name) => network[name] ?? ''),
  );

describe('recorded cases: what the kernel did with real packets', () => {
  it('is what the walk predicts', () => {
    const failures = recorded.flatMap((one) => compare(one).failures.map((text) => `${one.name}: ${text}`));
    expect(failures.join('\n')).toBe('');
    expect(recorded.length).toBeGreaterThan(50);
  });
});
