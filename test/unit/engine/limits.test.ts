import { describe, expect, test } from 'vitest';
import { limitsOf, withoutCaptures } from '../../../src/engine/limits.js';
import type { CaptureReport } from '../../../src/model/packet.js';
import { recorded } from '../../helpers/evidence.js';

const { netns, path, before, after, captures } = recorded('textbook');

const missing = (error: string): readonly CaptureReport[] =>
  captures.map((report) => ({ ...report, error, failure: 'missing-tool', packets: 0, droppedByKernel: null }));

describe('a program that every capture needs is missing', () => {
  test.each([
    ['tcpdump is not installed', 'apt-get install tcpdump'],
    ['tcpdump is not installed, or not for all users', 'apt-get install tcpdump'],
    ['setpriv is not installed', 'apt-get install util-linux'],
    ['timeout is not installed', 'apt-get install coreutils'],
  ])('%s: one line with its package, not one for each device', (error, install) => {
    const limits = limitsOf(netns, path, before, after, missing(error)).filter(({ what }) => /capture/.test(what));
    expect(limits).toEqual([
      {
        what: 'captures',
        why: `${error}: no packet was seen at any device, only the kernel's events and counters tell`,
        install,
      },
    ]);
  });

  test('not where one capture ran, nor where none was to run', () => {
    expect(withoutCaptures([...captures.slice(0, 1), ...missing('tcpdump is not installed').slice(1)])).toBeNull();
    expect(withoutCaptures([])).toBeNull();
  });
});
