import { z } from 'zod';
import type { FdbEntry } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const row = z.object({
  mac: z.string(),
  ifname: z.string(),
  master: z.string().optional(),
  dst: z.string().optional(),
  vlan: z.number().optional(),
  flags: z.array(z.string()).default([]),
  state: z.string().optional(),
});

/**
 * Forwarding database entries from `bridge -j fdb show`; `state` is `permanent`, `static`, … and `null` for a learned one.
 * @throws ParseError
 * @see bridge(8)
 */
export const parseBridgeFdb = (text: string): FdbEntry[] =>
  parseJsonRows('bridge fdb', text, row).map((entry) => ({
    mac: entry.mac,
    ifname: entry.ifname,
    master: entry.master ?? null,
    dst: entry.dst ?? null,
    ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
    flags: entry.flags,
    state: entry.state === undefined || entry.state === '' ? null : entry.state,
  }));
