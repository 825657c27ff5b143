import type { Family } from '../model/flow.js';
import type { RouteState } from '../model/state.js';
import { BITS, type Network, parseNetwork } from './network.js';

export interface TableEntry {
  readonly route: RouteState;
  readonly network: Network;
  readonly from: Network | null;
}

const RESERVED = new Map([
  ['255', 'local'],
  ['254', 'main'],
  ['253', 'default'],
]);

/** One name for a table that iproute2 may print by number. */
export const tableName = (table: string): string => RESERVED.get(table) ?? table;

/** Entries of one table by prefix length (the longest first) and by the bits of that prefix. */
type TableIndex = ReadonlyMap<number, ReadonlyMap<bigint, readonly TableEntry[]>>;

const indexes = new WeakMap<readonly RouteState[], ReadonlyMap<string, TableIndex>>();

/**
 * Routes of a table that hold an address, in the order in which the kernel tries them: longest prefix first, then the
 * longer source prefix (IPv6), a TOS before none, the lower metric.
 * @see fib_table_lookup in net/ipv4/fib_trie.c
 */
export const routesTo = (
  routes: readonly RouteState[],
  family: Family,
  table: string,
  destination: bigint,
): readonly TableEntry[] => {
  const lengths = indexOf(routes).get(`${family}/${tableName(table)}`) ?? [];
  return [...lengths].flatMap(([length, entries]) => entries.get(prefixOf(family, destination, length)) ?? []);
};

const prefixOf = (family: Family, value: bigint, length: number): bigint => value >> BigInt(BITS[family] - length);

const indexOf = (routes: readonly RouteState[]): ReadonlyMap<string, TableIndex> => {
  const before = indexes.get(routes);
  if (before !== undefined) return before;
  const tables = new Map<string, TableEntry[]>();
  for (const route of routes) {
    const network = parseNetwork(route.destination);
    if (network === null) continue;
    const key = `${route.family}/${tableName(route.table)}`;
    const entry = { route, network, from: route.from === undefined ? null : parseNetwork(route.from) };
    const entries = tables.get(key);
    if (entries === undefined) tables.set(key, [entry]);
    else entries.push(entry);
  }
  const made = new Map([...tables].map(([key, entries]) => [key, indexTable(entries.sort(compareEntries))]));
  indexes.set(routes, made);
  return made;
};

const indexTable = (sorted: readonly TableEntry[]): TableIndex => {
  const lengths = new Map<number, Map<bigint, TableEntry[]>>();
  for (const entry of sorted) {
    const { family, value, length } = entry.network;
    const prefixes = lengths.get(length) ?? new Map<bigint, TableEntry[]>();
    lengths.set(length, prefixes);
    const prefix = prefixOf(family, value, length);
    const same = prefixes.get(prefix);
    if (same === undefined) prefixes.set(prefix, [entry]);
    else same.push(entry);
  }
  return lengths;
};

const compareEntries = (one: TableEntry, other: TableEntry): number =>
  other.network.length - one.network.length ||
  (other.from?.length ?? 0) - (one.from?.length ?? 0) ||
  other.route.tos - one.route.tos ||
  one.route.metric - other.route.metric;
