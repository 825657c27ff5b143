import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  and,
  areEqual,
  type Bits,
  isAnySet,
  NOTHING,
  numberOf,
  or,
  shiftLeft,
  shiftRight,
  word,
  xor,
} from '../../../../src/netfilter/tc/bits.js';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
/** A number, and what is known of it. */
const partly = fc
  .tuple(uint32, uint32)
  .map(([number, known]) => [number, { value: (number & known) >>> 0, known: known >>> 0 }] as const);

const fits = (number: number, { value, known }: Bits): boolean => (number & known) >>> 0 === value;

describe('words of which some bits are not known', () => {
  test.each([
    ['and', and, (one: number, other: number) => one & other],
    ['or', or, (one: number, other: number) => one | other],
    ['xor', xor, (one: number, other: number) => one ^ other],
  ] as const)('%s says nothing of a bit that is not so', (_name, operation, truth) => {
    fc.assert(
      fc.property(partly, partly, ([one, oneBits], [other, otherBits]) => {
        expect(fits(truth(one, other) >>> 0, operation(oneBits, otherBits))).toBe(true);
        expect(numberOf(operation(word(one), word(other)))).toBe(truth(one, other) >>> 0);
      }),
    );
  });

  test('and, or: a bit that one side decides alone is known', () => {
    expect(and(NOTHING, word(0x0f))).toEqual({ value: 0, known: 0xfffffff0 });
    expect(and(word(0x0f), NOTHING)).toEqual({ value: 0, known: 0xfffffff0 });
    expect(or(NOTHING, word(0x0f))).toEqual({ value: 0x0f, known: 0x0f });
  });

  test('shifts say nothing of a bit that is not so', () => {
    fc.assert(
      fc.property(partly, fc.integer({ min: 0, max: 31 }), ([number, bits], by) => {
        expect(fits((number << by) >>> 0, shiftLeft(bits, by))).toBe(true);
        expect(fits(number >>> by, shiftRight(bits, by))).toBe(true);
        expect(numberOf(shiftRight(word(number), by))).toBe(number >>> by);
      }),
    );
  });

  test('comparisons that are answered are answered rightly', () => {
    fc.assert(
      fc.property(partly, partly, ([one, oneBits], [other, otherBits]) => {
        expect([one === other, null]).toContain(areEqual(oneBits, otherBits));
        expect([one !== 0, null]).toContain(isAnySet(oneBits));
      }),
    );
  });
});
