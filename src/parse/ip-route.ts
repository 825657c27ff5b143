import { z } from 'zod';
import type { Family } from '../model/flow.js';
import type { Nexthop, RouteState, RouteType } from '../model/state.js';
import { parseDsfield } from './dsfield.js';
import { parseJsonRows } from './json-rows.js';
import { routeText } from './route-text.js';

const TYPES = [
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'anycast',
  'throw',
  'unreachable',
  'prohibit',
  'blackhole',
  'nat',
] as const satisfies readonly RouteType[];

const via = {
  gateway: z.string().optional(),
  via: z.object({ family: z.string(), host: z.string() }).optional(),
  dev: z.string().optional(),
  flags: z.array(z.string()).default([]),
};

export const routeRow = z.object({
  type: z.enum(TYPES).default('unicast'),
  dst: z.string(),
  from: z.string().optional(),
  nhid: z.number().optional(),
  ...via,
  table: z.string().default('main'),
  protocol: z.string().optional(),
  scope: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().optional(),
  tos: z.string().optional(),
  pref: z.string().optional(),
  metrics: z.array(z.record(z.string(), z.unknown())).default([]),
  nexthops: z.array(z.object({ ...via, weight: z.number().default(1) })).optional(),
});

export type RouteRow = z.output<typeof routeRow>;

/**
 * Routes of both families and all tables from `ip -j -d route show table all`. The family is not part of that output: a
 * default route without a gateway is told by the router preference, which the kernel gives with every IPv6 route.
 * Rows of other families (MPLS) are left out.
 * @throws ParseError
 * @see ip-route(8)
 */
export const parseIpRoute = (text: string): RouteState[] =>
  parseJsonRows('ip route', text, routeRow, plainRow).flatMap((row) => {
    const family = familyOf(row);
    return family === null ? [] : toRouteState(row, family);
  });

const PLAIN: Readonly<Record<string, 'string' | 'number'>> = {
  dst: 'string',
  gateway: 'string',
  dev: 'string',
  table: 'string',
  protocol: 'string',
  scope: 'string',
  prefsrc: 'string',
  metric: 'number',
  pref: 'string',
};

/** A unicast route without flags and with no other members than these, each of its type; `null` for any other. */
const plainRow = (item: unknown): RouteRow | null => {
  if (typeof item !== 'object' || item === null) return null;
  const row = item as Readonly<Record<string, unknown>>;
  for (const key in row) {
    const value = row[key];
    const isPlain =
      (Object.hasOwn(PLAIN, key) && typeof value === PLAIN[key]) ||
      (key === 'type' && value === 'unicast') ||
      (key === 'flags' && Array.isArray(value) && value.length === 0);
    if (!isPlain) return null;
  }
  return row['dst'] === undefined
    ? null
    : { type: 'unicast', table: 'main', flags: [], metrics: [], ...(row as Partial<RouteRow> & { dst: string }) };
};

const familyOf = (row: RouteRow): Family | null => {
  if (row.dst.includes(':')) return 6;
  if (row.dst.includes('.')) return 4;
  if (row.dst !== 'default') return null;
  return row.pref === undefined && !row.gateway?.includes(':') ? 4 : 6;
};

const toRouteState = (row: RouteRow, family: Family): RouteState => {
  const mtu = row.metrics.find((metrics) => typeof metrics['mtu'] === 'number')?.['mtu'];
  return {
    family,
    table: row.table,
    type: row.type,
    destination: toCidr(row.dst, family),
    ...(row.from === undefined ? {} : { from: toCidr(row.from, family) }),
    nexthops: toNexthops(row),
    metric: row.metric ?? 0,
    tos: row.tos === undefined ? 0 : (parseDsfield(row.tos) ?? 0),
    prefsrc: row.prefsrc ?? null,
    protocol: row.protocol ?? null,
    scope: row.scope ?? null,
    mtu: typeof mtu === 'number' ? mtu : null,
    text: routeText(row),
  };
};

const toCidr = (destination: string, family: Family): string => {
  if (destination === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  return destination.includes('/') ? destination : `${destination}/${family === 4 ? 32 : 128}`;
};

const toNexthops = (row: RouteRow): Nexthop[] => {
  if (row.nexthops !== undefined) return row.nexthops.map((hop) => ({ ...place(hop), weight: hop.weight }));
  if (row.dev === undefined && row.gateway === undefined && row.via === undefined) return [];
  return [{ ...place(row), weight: 1 }];
};

type Via = { [K in keyof typeof via]: z.output<(typeof via)[K]> };

const place = (hop: Partial<Via>): Omit<Nexthop, 'weight'> => ({
  dev: hop.dev ?? null,
  gateway: hop.gateway ?? hop.via?.host ?? null,
  flags: hop.flags ?? [],
});
