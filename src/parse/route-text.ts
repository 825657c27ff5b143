import type { RouteRow } from './ip-route.js';

/**
 * One line as `ip route` prints it, which `ip route add` and `ip route del` take again (with `-6` for IPv6): no
 * `[linkdown]`, no cache, and a nexthop object by its id alone.
 */
export const routeText = (row: RouteRow): string => {
  const words: string[] = row.type === 'unicast' ? [row.dst] : [row.type, row.dst];
  const add = (word: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(word, String(value));
  };
  const addVia = (hop: Pick<RouteRow, 'gateway' | 'via' | 'dev'>): void => {
    add('via', hop.gateway);
    if (hop.via !== undefined) words.push('via', hop.via.family, hop.via.host);
    add('dev', hop.dev);
  };
  const addOnlink = ({ flags }: Pick<RouteRow, 'flags'>): void => {
    if (flags.includes('onlink')) words.push('onlink');
  };
  add('from', row.from);
  add('tos', row.tos);
  if (row.nhid === undefined) addVia(row);
  else add('nhid', row.nhid);
  if (row.table !== 'main') add('table', row.table);
  if (row.protocol !== 'boot') add('proto', row.protocol);
  if (row.scope !== 'global') add('scope', row.scope);
  add('src', row.prefsrc);
  add('metric', row.metric);
  addOnlink(row);
  for (const metrics of row.metrics) words.push(...metricWords(metrics));
  if (row.pref !== 'medium') add('pref', row.pref);
  for (const hop of row.nhid === undefined ? (row.nexthops ?? []) : []) {
    words.push('nexthop');
    addVia(hop);
    add('weight', hop.weight);
    addOnlink(hop);
  }
  return words.join(' ');
};

/** Metrics that `ip -j` names otherwise than `ip route add` does. */
const METRIC_WORDS = new Map([['congestion', 'congctl']]);

const metricWords = (metrics: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(metrics).flatMap(([key, value]) => {
    if (value === null) return ['features', key];
    return [METRIC_WORDS.get(key) ?? key, String(value)];
  });
