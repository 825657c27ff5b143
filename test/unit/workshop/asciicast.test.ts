import { expect, test } from 'vitest';
import { toAsciicast } from '../../../src/workshop/asciicast.js';

const HEADER = { width: 80, height: 24, startedMs: 1_764_400_000_500, title: 'A "title"', term: 'xterm' };
const FIRST = 'Script started on 2026-11-29 [TERM="xterm"]\n';

test('a recording of script becomes events with their times, characters whole', () => {
  const log = Buffer.from(`${FIRST}ab→c\r\nd\nScript done\n`);
  const cast = toAsciicast(log, '0.500000 3\n0.25 2\n\nnonsense\n1.0 4\n', HEADER).trimEnd().split('\n');
  expect(cast.map((line) => JSON.parse(line))).toEqual([
    { version: 2, width: 80, height: 24, timestamp: 1_764_400_000, title: 'A "title"', env: { TERM: 'xterm' } },
    [0.5, 'o', 'ab'],
    [0.75, 'o', '→'],
    [1.75, 'o', 'c\r\nd'],
  ]);
});

test('an empty recording has its header alone', () => {
  expect(toAsciicast(Buffer.from(FIRST), '', HEADER).trimEnd().split('\n')).toHaveLength(1);
});
