import { z } from 'zod';
import type { Family } from '../model/flow.js';
import type { PolicyRule } from '../model/state.js';
import { parseDsfield } from './dsfield.js';
import { parseJsonRows } from './json-rows.js';
import { ruleText } from './rule-text.js';

/** iproute2 prints an option without a value as `null`: its presence means that it is set. */
const present = z.null().optional();

export const ruleRow = z.looseObject({
  priority: z.number(),
  not: present,
  src: z.string().default('all'),
  srclen: z.number().optional(),
  dst: z.string().optional(),
  dstlen: z.number().optional(),
  iif: z.string().optional(),
  oif: z.string().optional(),
  fwmark: z.string().optional(),
  fwmask: z.string().optional(),
  tos: z.string().optional(),
  ipproto: z.string().optional(),
  sport: z.number().optional(),
  sport_start: z.number().optional(),
  sport_end: z.number().optional(),
  dport: z.number().optional(),
  dport_start: z.number().optional(),
  dport_end: z.number().optional(),
  uid_start: z.number().optional(),
  uid_end: z.number().optional(),
  tun_id: z.number().optional(),
  action: z.string().optional(),
  nop: present,
  goto: z.number().optional(),
  table: z.string().optional(),
  l3mdev: present,
  suppress_prefixlen: z.number().optional(),
  suppress_ifgroup: z.string().optional(),
  flow_from: z.string().optional(),
  flow_to: z.string().optional(),
});

export type RuleRow = z.output<typeof ruleRow>;

/** Keys that select nothing. */
const REMARKS = new Set(['protocol', 'unresolved', 'iif_detached', 'oif_detached', 'flow_from', 'flow_to']);

/**
 * Policy rules in their order from `ip -j -d rule show` of one family. A selector that this program does not know goes
 * into `unjudged`.
 * @throws ParseError
 * @see ip-rule(8)
 */
export const parseIpRule = (text: string, family: Family): PolicyRule[] =>
  parseJsonRows('ip rule', text, ruleRow).map((row) => toPolicyRule(row, family));

const toPolicyRule = (row: RuleRow, family: Family): PolicyRule => {
  const tos = row.tos === undefined ? null : parseDsfield(row.tos);
  const unjudged = Object.keys(row).filter((key) => !(key in ruleRow.shape) && !REMARKS.has(key));
  if (row.tun_id !== undefined) unjudged.push('tun_id');
  if (row.tos !== undefined && tos === null) unjudged.push('tos');
  return {
    family,
    priority: row.priority,
    not: 'not' in row,
    source: row.src === 'all' ? null : toCidr(row.src, row.srclen, family),
    destination: row.dst === undefined || row.dst === 'all' ? null : toCidr(row.dst, row.dstlen, family),
    iif: row.iif ?? null,
    oif: row.oif ?? null,
    mark: row.fwmark === undefined ? null : Number(row.fwmark),
    markMask: row.fwmask === undefined ? (row.fwmark === undefined ? 0 : 0xffffffff) : Number(row.fwmask),
    tos,
    protocol: row.ipproto ?? null,
    sourcePorts: portRange(row.sport, row.sport_start, row.sport_end),
    destinationPorts: portRange(row.dport, row.dport_start, row.dport_end),
    uids: row.uid_start === undefined || row.uid_end === undefined ? null : [row.uid_start, row.uid_end],
    action: toAction(row),
    table: row.table ?? null,
    goto: row.goto ?? null,
    suppressPrefixLength: row.suppress_prefixlen ?? null,
    suppressIfgroup: row.suppress_ifgroup ?? null,
    l3mdev: 'l3mdev' in row,
    ...(unjudged.length > 0 ? { unjudged } : {}),
    text: ruleText(row),
  };
};

const toCidr = (address: string, length: number | undefined, family: Family): string =>
  `${address}/${length ?? (family === 4 ? 32 : 128)}`;

const portRange = (
  single: number | undefined,
  start: number | undefined,
  end: number | undefined,
): readonly [number, number] | null => {
  if (single !== undefined) return [single, single];
  return start === undefined || end === undefined ? null : [start, end];
};

const toAction = (row: RuleRow): PolicyRule['action'] => {
  if (row.goto !== undefined) return 'goto';
  if ('nop' in row) return 'nop';
  if (row.action === 'blackhole' || row.action === 'unreachable' || row.action === 'prohibit') return row.action;
  return 'table';
};
