import type { ClassicInstruction } from '../../model/state.js';
import {
  and,
  areEqual,
  type Bits,
  isAnySet,
  joined,
  NOTHING,
  numberOf,
  or,
  shiftLeft,
  shiftRight,
  word,
  xor,
} from './bits.js';
import { ETHERNET, type FrameBytes } from './frame-bytes.js';

/** What a program of a filter has while it runs. */
interface Registers {
  readonly pc: number;
  readonly a: Bits;
  readonly x: Bits;
  readonly memory: ReadonlyMap<number, Bits>;
}

const CLASS = 0x07;
const SIZES: Readonly<Record<number, number>> = { 0: 4, 8: 2, 16: 1 };
const MODE = {
  immediate: 0x00,
  absolute: 0x20,
  indirect: 0x40,
  memory: 0x60,
  length: 0x80,
  headerLength: 0xa0,
} as const;
/** Negative offsets: from the network header, from the Ethernet header, and what the kernel knows beside. */
const NETWORK = -0x100000;
const LINK = -0x200000;
const ANCILLARY = -0x1000;
const ANCILLARY_PROTOCOL = 0;

/** Programs branch where bits are not known: above this many instructions the answer is left open. */
const MOST_STEPS = 20_000;

/**
 * Runs a classic BPF program on a frame, whose offsets count from the Ethernet header. Where the frame does not tell a bit
 * that a comparison needs, both ways are followed.
 * @returns what the program returns, unsigned; `null` when it cannot be known
 * @see https://docs.kernel.org/networking/filter.html
 */
export const runClassicBpf = (program: readonly ClassicInstruction[], frame: FrameBytes): number | null => {
  let budget = MOST_STEPS;
  const run = (registers: Registers): number | null => {
    let { pc, a, x, memory } = registers;
    for (;;) {
      const instruction = program[pc];
      if (instruction === undefined || budget-- <= 0) return null;
      const { code, jt, jf, k } = instruction;
      const operand = (code & 0x08) === 0 ? word(k) : x;
      pc += 1;
      switch (code & CLASS) {
        case 0x00: {
          const loaded = load(frame, code, k, x, memory);
          if (loaded === 'outside') return 0;
          a = loaded;
          break;
        }
        case 0x01: {
          const loaded =
            (code & 0xe0) === MODE.headerLength ? headerLength(frame, k) : load(frame, code & ~0x18, k, x, memory);
          if (loaded === 'outside') return 0;
          x = loaded;
          break;
        }
        case 0x02:
        case 0x03:
          memory = new Map([...memory, [k, (code & CLASS) === 0x02 ? a : x]]);
          break;
        case 0x04:
          a = compute(code & 0xf0, a, operand);
          break;
        case 0x05: {
          if ((code & 0xf0) === 0x00) {
            pc += k;
            break;
          }
          const holds = compare(code & 0xf0, a, operand);
          if (holds !== null) {
            pc += holds ? jt : jf;
            break;
          }
          const either = run({ pc: pc + jt, a, x, memory });
          return either !== null && either === run({ pc: pc + jf, a, x, memory }) ? either : null;
        }
        case 0x06:
          return numberOf((code & 0x18) === 0x10 ? a : (code & 0x18) === 0x08 ? x : word(k));
        default:
          if ((code & 0xf8) === 0x80) a = x;
          else x = a;
      }
    }
  };
  return run({ pc: 0, a: word(0), x: word(0), memory: new Map() });
};

const load = (
  frame: FrameBytes,
  code: number,
  k: number,
  x: Bits,
  memory: ReadonlyMap<number, Bits>,
): Bits | 'outside' => {
  switch (code & 0xe0) {
    case MODE.immediate:
      return word(k);
    case MODE.memory:
      return memory.get(k) ?? NOTHING;
    case MODE.length:
      return word(frame.length);
    case MODE.absolute:
      return loadAt(frame, k | 0, SIZES[code & 0x18] ?? 4);
    case MODE.indirect: {
      const base = numberOf(x);
      return base === null ? NOTHING : loadAt(frame, (base + k) | 0, SIZES[code & 0x18] ?? 4);
    }
    default:
      return NOTHING;
  }
};

/** A load outside the frame ends the program with 0. */
const loadAt = (frame: FrameBytes, offset: number, size: number): Bits | 'outside' => {
  if (offset >= ANCILLARY && offset < 0)
    return offset - ANCILLARY === ANCILLARY_PROTOCOL ? word(frame.etherType) : NOTHING;
  const at = offset >= 0 ? offset : offset >= NETWORK ? offset - NETWORK + ETHERNET : offset - LINK;
  if (at < 0 || at + size > frame.length) return 'outside';
  return joined(Array.from({ length: size }, (_, index) => frame.at(at + index)));
};

/** Bytes of an IPv4 header, from the lower half of its first byte. */
const headerLength = (frame: FrameBytes, k: number): Bits | 'outside' => {
  const first = loadAt(frame, k | 0, 1);
  return first === 'outside' ? first : shiftLeft(and(first, word(0x0f)), 2);
};

const compute = (operation: number, a: Bits, b: Bits): Bits => {
  const [left, right] = [numberOf(a), numberOf(b)];
  switch (operation) {
    case 0x40:
      return or(a, b);
    case 0x50:
      return and(a, b);
    case 0x60:
      return right === null ? NOTHING : shiftLeft(a, right);
    case 0x70:
      return right === null ? NOTHING : shiftRight(a, right);
    case 0xa0:
      return xor(a, b);
  }
  if (left === null || (right === null && operation !== 0x80)) return NOTHING;
  return arithmetic(operation, left, right ?? 0);
};

const arithmetic = (operation: number, left: number, right: number): Bits => {
  switch (operation) {
    case 0x00:
      return word(left + right);
    case 0x10:
      return word(left - right);
    case 0x20:
      return word(Math.imul(left, right));
    case 0x30:
      return right === 0 ? NOTHING : word(Math.floor(left / right));
    case 0x80:
      return word(-left);
    case 0x90:
      return right === 0 ? NOTHING : word(left % right);
    default:
      return NOTHING;
  }
};

const compare = (operation: number, a: Bits, b: Bits): boolean | null => {
  if (operation === 0x10) return areEqual(a, b);
  if (operation === 0x40) return isAnySet(and(a, b));
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === null || right === null) return null;
  return operation === 0x20 ? left > right : operation === 0x30 ? left >= right : null;
};
