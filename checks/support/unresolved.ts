import type { NeighbourState } from '../../src/model/state.js';

/** Whether nobody answered for the address; an entry that is not there says nothing. */
export const isUnresolved = (entry: NeighbourState | null): boolean =>
  entry?.states.some((state) => state === 'FAILED' || state === 'INCOMPLETE') ?? false;
