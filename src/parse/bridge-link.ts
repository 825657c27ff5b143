import { z } from 'zod';
import type { BridgePort } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const row = z.object({
  ifname: z.string(),
  ifindex: z.number(),
  master: z.string().optional(),
  state: z.string().optional(),
  isolated: z.boolean().default(false),
  locked: z.boolean().default(false),
  hairpin: z.boolean().default(false),
  learning: z.boolean().default(true),
  flood: z.boolean().default(true),
  mcast_flood: z.boolean().default(true),
  bcast_flood: z.boolean().default(true),
});

/**
 * Bridge ports from `bridge -j -d link show`.
 * @throws ParseError
 * @see bridge(8)
 */
export const parseBridgeLink = (text: string): BridgePort[] =>
  parseJsonRows('bridge link', text, row).flatMap(({ master, state, mcast_flood, bcast_flood, ...port }) =>
    master === undefined || state === undefined
      ? []
      : [{ ...port, master, state, multicastFlood: mcast_flood, broadcastFlood: bcast_flood }],
  );
