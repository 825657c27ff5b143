import { z } from 'zod';
import { parseJson } from './json-rows.js';
import { ParseError } from './parse-error.js';

export interface LsnsRow {
  readonly inode: number;
  /** Identifier relative to the namespace that lsns ran in; `null` when none is assigned. */
  readonly netnsid: number | null;
  readonly pid: number | null;
}

const base = z.object({
  ns: z.coerce.number(),
  netnsid: z.union([z.string(), z.number()]).nullish(),
  pid: z.coerce.number().nullish(),
});

type Row = z.output<typeof base> & { readonly children?: Row[] | undefined };

const row: z.ZodType<Row> = base.extend({ children: z.lazy(() => z.array(row)).optional() });

const output = z.object({ namespaces: z.array(row).default([]) });

/**
 * Network namespaces from `lsns -t net -J -o NS,NETNSID,PID`, the nested ones (`children`) too.
 * @throws ParseError
 * @see lsns(8)
 */
export const parseLsns = (text: string): LsnsRow[] => {
  if (text.trim() === '') return [];
  const checked = output.safeParse(parseJson('lsns', text));
  if (!checked.success) throw new ParseError(`lsns: ${checked.error.issues[0]?.message ?? 'another shape'}`, null);
  return checked.data.namespaces.flatMap(flatten);
};

const flatten = (entry: Row): LsnsRow[] => [
  {
    inode: entry.ns,
    netnsid: /^\d+$/.test(String(entry.netnsid)) ? Number(entry.netnsid) : null,
    pid: entry.pid === 0 ? null : (entry.pid ?? null),
  },
  ...(entry.children ?? []).flatMap(flatten),
];
