import { expect, test } from 'vitest';
import { lossShares, wilsonInterval } from '../../../src/engine/loss-shares.js';
import type { Located } from '../../../src/model/located.js';

const rounded = (hits: number, of: number) => wilsonInterval(hits, of).map((share) => Number(share.toFixed(4)));

test('the interval is that of published tables', () => {
  expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
  expect(rounded(0, 20)).toEqual([0, 0.1611]);
  expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
  expect(rounded(20, 20)).toEqual([0.8389, 1]);
});

test('each lossy link has its share; one whose entry was not seen has none', () => {
  const lossy = [
    { link: 'h3-h4', way: 'forward', lost: 15, of: 148 },
    { link: 'h2-h3', way: 'return', lost: 2, of: 0 },
  ] as const;
  const shares = lossShares({ lossy } as unknown as Located);
  expect(shares).toMatchObject([{ link: 'h3-h4', way: 'forward', lost: 15, of: 148 }]);
  expect(shares[0]?.interval[0]).toBeCloseTo(0.0624, 3);
});
