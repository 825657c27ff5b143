import { expect, test } from 'vitest';
import { isBusy } from '../../../src/host/one-processor.js';

test.each([
  ['0.00 0.00 0.00 1/310 4711\n', 2, false],
  ['0.00 0.00 0.00 2/310 4711\n', 2, true],
  ['9.50 3.20 1.10 1/310 4711\n', 2, false],
  ['0.50 0.20 0.10 32/5100 812345\n', 64, false],
  ['0.50 0.20 0.10 33/5100 812345\n', 64, true],
  ['2.00 2.00 2.00 12/310 4711\n', 1, false],
  ['', 2, false],
  ['garbage', 2, false],
])('of %j on %i processors, others want half or more: %s', (loadavg, processors, busy) => {
  expect(isBusy(loadavg, processors)).toBe(busy);
});

test('the kernel tells it', () => {
  expect(typeof isBusy()).toBe('boolean');
});
