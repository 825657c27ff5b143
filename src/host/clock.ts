import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Nanoseconds to add to CLOCK_MONOTONIC for nanoseconds since the Unix epoch: exact where the kernel tells, else within
 * some microseconds.
 */
export const clockToEpochNs = (): bigint => kernelOffset() ?? sampledOffset();

const TIMER_LIST = '/proc/timer_list';
/** The clocks of the first processor come before this, unless it has thousands of timers. */
const MAX_BYTES = 262_144;

/**
 * What the kernel itself adds, as the timer list shows it for the clock CLOCK_REALTIME of a processor; only root may read
 * that, and containers often hide it.
 */
const kernelOffset = (): bigint | null => {
  try {
    const file = openSync(TIMER_LIST, 'r');
    try {
      return readOffset(file);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
};

const readOffset = (file: number): bigint | null => {
  const chunk = Buffer.alloc(16_384);
  let text = '';
  while (text.length < MAX_BYTES) {
    const length = readSync(file, chunk);
    if (length === 0) return null;
    text += chunk.toString('latin1', 0, length);
    const offset = realtimeOffset(text);
    if (offset !== null) return offset;
  }
  return null;
};

/** The offset of CLOCK_REALTIME (clock 1) in the text of `/proc/timer_list`, nanoseconds; `null` where it is not there. */
export const realtimeOffset = (text: string): bigint | null => {
  const offset = /^ clock 1:\n(?: {2}\..*\n)*? {2}\.offset: +(\d+) nsecs$/m.exec(text)?.[1];
  return offset === undefined || offset === '0' ? null : BigInt(offset);
};

const MIN_SAMPLES = 3;
const MAX_SAMPLES = 12;
/** Samples that were not interrupted lie this near to each other. */
const AGREE_NS = 5_000n;

/**
 * `Date.now()` counts whole milliseconds: the moment at which it changes is known much better than its value. Being
 * interrupted there can only make the sum too small, so the largest counts, once another confirms it. Takes 3 to 12 ms of
 * the processor.
 */
export const sampledOffset = (): bigint => {
  let samples: readonly bigint[] = [];
  while (samples.length < MAX_SAMPLES && (samples.length < MIN_SAMPLES || !isConfirmed(samples))) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    const sample = BigInt(now) * 1_000_000n - process.hrtime.bigint();
    samples = [...samples, sample].sort((a, b) => (a < b ? 1 : -1));
  }
  return samples[0] ?? 0n;
};

const isConfirmed = ([largest = 0n, next = 0n]: readonly bigint[]): boolean => largest - next <= AGREE_NS;
