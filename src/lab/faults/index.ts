import * as all from '../all-faults.js';
import type { Fault } from '../fault.js';

/** Every fault of the lab, sorted by id. */
export const faults: readonly Fault[] = Object.values(all).sort((one, other) => (one.id < other.id ? -1 : 1));
