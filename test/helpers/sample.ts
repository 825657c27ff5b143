import type { Fault } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';

/** Of those that come in to a published port, one that a rule mends and one that only a person can. */
const PUBLISHED = ['pub-dnat-duplicate', 'pub-dnat-missing'];

/** A fixed sample of the lab's faults: the first of each group of causes. The corpus runs all. */
export const sampleFaults: readonly Fault[] = faults.filter((fault, index) =>
  fault.probe?.from === undefined
    ? faults.findIndex((other) => other.expect.cause.at(-1) === fault.expect.cause.at(-1)) === index
    : PUBLISHED.includes(fault.id),
);
