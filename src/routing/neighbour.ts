import type { NeighbourState } from '../model/state.js';
import { parseAddress } from './network.js';
import type { RoutingState } from './state.js';

/** The neighbour entry for an address on a device. */
export const neighbourOf = (
  state: Pick<RoutingState, 'neighbours'>,
  dev: string,
  address: string,
): NeighbourState | null => {
  const wanted = parseAddress(address);
  if (wanted === null) return null;
  const isWanted = (entry: NeighbourState): boolean =>
    entry.dev === dev && entry.family === wanted.family && parseAddress(entry.address)?.value === wanted.value;
  return state.neighbours.find(isWanted) ?? null;
};
