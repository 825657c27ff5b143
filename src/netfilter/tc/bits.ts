/** A 32-bit word of which only the bits of `known` are known; the others are 0 in `value`. */
export interface Bits {
  readonly value: number;
  readonly known: number;
}

const ALL = 0xffffffff;

export const NOTHING: Bits = { value: 0, known: 0 };

export const word = (value: number): Bits => ({ value: value >>> 0, known: ALL });

/** The number, where every bit is known. */
export const numberOf = ({ value, known }: Bits): number | null => (known === ALL ? value : null);

/** Bytes in network order, the last in the lowest bits; the bits above them are 0. */
export const joined = (bytes: readonly Bits[]): Bits =>
  bytes.reduce(
    (all, byte) => ({
      value: ((all.value << 8) | byte.value) >>> 0,
      known: ((all.known << 8) | (byte.known & 0xff)) >>> 0,
    }),
    word(0),
  );

/** Bitwise and: a bit is known where both are, or where one of them is known to be 0. */
export const and = (one: Bits, other: Bits): Bits => ({
  value: (one.value & other.value) >>> 0,
  known: ((one.known & other.known) | (one.known & ~one.value) | (other.known & ~other.value)) >>> 0,
});

/** Bitwise or: a bit is known where both are, or where one of them is known to be 1. */
export const or = (one: Bits, other: Bits): Bits => ({
  value: (one.value | other.value) >>> 0,
  known: ((one.known & other.known) | one.value | other.value) >>> 0,
});

export const xor = (one: Bits, other: Bits): Bits => {
  const known = (one.known & other.known) >>> 0;
  return { value: ((one.value ^ other.value) & known) >>> 0, known };
};

export const shiftLeft = (bits: Bits, by: number): Bits =>
  by > 31 ? word(0) : { value: (bits.value << by) >>> 0, known: ((bits.known << by) | (2 ** by - 1)) >>> 0 };

export const shiftRight = (bits: Bits, by: number): Bits =>
  by > 31 ? word(0) : { value: bits.value >>> by, known: ((bits.known >>> by) | ~(ALL >>> by)) >>> 0 };

/** Whether two words are equal; `null`: cannot be known. */
export const areEqual = (one: Bits, other: Bits): boolean | null => {
  const known = one.known & other.known;
  if ((one.value & known) !== (other.value & known)) return false;
  return one.known === ALL && other.known === ALL ? true : null;
};

/** Whether a word has a bit set; `null`: cannot be known. */
export const isAnySet = ({ value, known }: Bits): boolean | null => (value !== 0 ? true : known === ALL ? false : null);
