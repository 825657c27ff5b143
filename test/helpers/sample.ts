import type { Fault } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';

/** A fixed sample of the lab's faults: the first of each group of causes. The corpus runs all. */
export const sampleFaults: readonly Fault[] = faults.filter(
  (fault, index) => faults.findIndex((other) => other.expect.cause.at(-1) === fault.expect.cause.at(-1)) === index,
);
