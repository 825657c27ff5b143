import { z } from 'zod';
import type { NeighbourState } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const row = z.object({
  dst: z.string(),
  dev: z.string(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).default([]),
});

/**
 * Neighbour entries of both families from `ip -j -s neigh show`.
 * @throws ParseError
 * @see ip-neighbour(8)
 */
export const parseIpNeigh = (text: string): NeighbourState[] =>
  parseJsonRows('ip neigh', text, row).map((entry) => ({
    family: entry.dst.includes(':') ? 6 : 4,
    address: entry.dst,
    dev: entry.dev,
    lladdr: entry.lladdr ?? null,
    states: entry.state,
  }));
