import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunDocument } from '../../../src/cli/run-document.js';
import { KnownError } from '../../../src/model/errors.js';
import { smallRun } from '../../helpers/small-run.js';

const refusal = (text: string): string => {
  try {
    parseRunDocument(text, 'x.json');
  } catch (error) {
    if (error instanceof KnownError && error.exitCode === 2) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('a run document', () => {
  test('is read back as it was written, unknown fields included', () => {
    const run = { ...smallRun('abc'), later: { added: true } };
    expect(parseRunDocument(JSON.stringify(run), 'x.json')).toEqual(run);
  });

  test('of a newer minor version is read, of a newer major version refused', () => {
    expect(refusal(JSON.stringify({ ...smallRun('a'), formatVersion: '1.7' }))).toBe('accepted');
    expect(refusal(JSON.stringify({ ...smallRun('a'), formatVersion: '2.0' }))).toMatch(/newer than 1\.0/);
  });

  test.each([
    ['', /not JSON/],
    ['{', /not JSON/],
    ['null', /no run document/],
    ['[]', /no run document/],
    ['{"schema":"other","formatVersion":"1.0"}', /no run document/],
    ['{"schema":"vethoscope/run","formatVersion":"1"}', /no run document/],
    ['{"schema":"vethoscope/run","formatVersion":"1.0"}', /is damaged/],
    [JSON.stringify({ ...smallRun('a'), path: { hops: 'no' } }), /is damaged: path/],
    [JSON.stringify({ ...smallRun('a'), evidence: { before: 1 } }), /is damaged: evidence/],
  ])('is refused when it is %s', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  test('never makes the reader crash, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(refusal(text)).toMatch(/no run document/);
      }),
    );
    const text = JSON.stringify(smallRun('a'));
    for (let length = 0; length < text.length; length += 7) expect(refusal(text.slice(0, length))).toMatch(/not JSON/);
  });
});
