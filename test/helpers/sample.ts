import type { Fault } from '../../src/lab/fault.js';
import { faults as all } from '../../src/lab/faults/index.js';

/** Those that whoever runs the tests can break. */
export const faults: readonly Fault[] = all.filter(({ rootOnly }) => !rootOnly || process.getuid?.() === 0);

const isAll = process.env['VETHOSCOPE_FAULTS'] === 'all';

/** Of those that come in to a published port, one that a rule mends and one that only a person can. */
const PUBLISHED = ['pub-dnat-duplicate', 'pub-dnat-missing'];

/** The first of each group of causes. */
const oneOfEach: readonly Fault[] = faults.filter((fault, index) =>
  fault.probe?.from === undefined
    ? faults.findIndex((other) => other.expect.cause.at(-1) === fault.expect.cause.at(-1)) === index
    : PUBLISHED.includes(fault.id),
);

/**
 * Every group of causes is broken for real once: a third of them is traced before, while and after, a third is mended and
 * undone, a third is judged by the corpus. With VETHOSCOPE_FAULTS=all each of the three takes every fault.
 */
const third = (part: 0 | 1 | 2): readonly Fault[] =>
  isAll ? faults : oneOfEach.filter((_, index) => index % 3 === part);

export const tracedFaults: readonly Fault[] = third(0);
export const mendedFaults: readonly Fault[] = third(1);
export const judgedFaults: readonly Fault[] = third(2);
