import { z } from 'zod';
import type { QdiscState, TcFilter } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const options = z.record(z.string(), z.unknown());

const qdiscRow = z.object({
  kind: z.string(),
  handle: z.string().default('0:'),
  dev: z.string(),
  parent: z.string().optional(),
  drops: z.number().default(0),
  overlimits: z.number().default(0),
  packets: z.number().default(0),
  options: options.default({}),
});

/**
 * Queueing disciplines from `tc -j -s qdisc show`; `parent` is `null` for a root one.
 * @throws ParseError
 * @see tc(8)
 */
export const parseTcQdisc = (text: string): QdiscState[] =>
  parseJsonRows('tc qdisc', text, qdiscRow).map((row) => ({ ...row, parent: row.parent ?? null }));

const instruction = z.object({ code: z.number(), jt: z.number(), jf: z.number(), k: z.number() });

/** How `bpf bytecode … direct-action` is shown; a loaded object has no `bytecode`. @see tc-bpf(8) */
const classicBpf = z.object({
  'direct-action': z.literal(true),
  skip_sw: z.literal(false).optional(),
  bytecode: z.object({ insns: z.array(instruction) }),
});

const filterRow = z.object({
  protocol: z.string(),
  pref: z.number(),
  kind: z.string(),
  chain: z.number().default(0),
  options: options.optional(),
});

/**
 * Filters of one hook of one device from `tc -j -s filter show dev DEV ingress|egress`. Each chain's own row, which has no
 * options, is left out.
 * @throws ParseError
 * @see tc(8)
 */
export const parseTcFilter = (text: string, dev: string, hook: TcFilter['hook']): TcFilter[] =>
  parseJsonRows('tc filter', text, filterRow).flatMap((row) => {
    if (row.options === undefined) return [];
    const classic = row.kind === 'bpf' ? classicBpf.safeParse(row.options) : null;
    return [
      {
        dev,
        hook,
        kind: row.kind,
        preference: row.pref,
        protocol: row.protocol,
        text: `dev ${dev} ${hook} protocol ${row.protocol} pref ${row.pref} ${row.kind} ${JSON.stringify(row.options)}`,
        ...(row.chain === 0 ? {} : { chain: row.chain }),
        ...(classic?.success ? { program: classic.data.bytecode.insns } : {}),
      },
    ];
  });
