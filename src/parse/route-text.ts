import type { RouteRow } from './ip-route.js';

/**
 * One line as `ip route` prints it, which `ip route add` and `ip route del` take again (with `-6` for IPv6): no
 * `[linkdown]`, no cache, and a nexthop object by its id alone.
 */
export const routeText = (row: RouteRow): string =>
  [
    ...(row.type === 'unicast' ? [] : [row.type]),
    row.dst,
    ...pair('from', row.from),
    ...pair('tos', row.tos),
    ...nexthopWords(row),
    ...(row.table === 'main' ? [] : ['table', row.table]),
    ...(row.protocol === 'boot' ? [] : pair('proto', row.protocol)),
    ...(row.scope === 'global' ? [] : pair('scope', row.scope)),
    ...pair('src', row.prefsrc),
    ...pair('metric', row.metric),
    ...(row.flags.includes('onlink') ? ['onlink'] : []),
    ...row.metrics.flatMap(metricWords),
    ...(row.pref === 'medium' ? [] : pair('pref', row.pref)),
    ...(row.nhid === undefined ? (row.nexthops ?? []) : []).flatMap((hop) => [
      'nexthop',
      ...viaWords(hop),
      'weight',
      String(hop.weight),
      ...(hop.flags.includes('onlink') ? ['onlink'] : []),
    ]),
  ].join(' ');

const pair = (word: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [word, String(value)];

const nexthopWords = (row: RouteRow): string[] => (row.nhid === undefined ? viaWords(row) : ['nhid', String(row.nhid)]);

const viaWords = (hop: Pick<RouteRow, 'gateway' | 'via' | 'dev'>): string[] => [
  ...pair('via', hop.gateway),
  ...(hop.via === undefined ? [] : ['via', hop.via.family, hop.via.host]),
  ...pair('dev', hop.dev),
];

/** Metrics that `ip -j` names otherwise than `ip route add` does. */
const METRIC_WORDS = new Map([['congestion', 'congctl']]);

const metricWords = (metrics: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(metrics).flatMap(([key, value]) => {
    if (value === null) return ['features', key];
    return [METRIC_WORDS.get(key) ?? key, String(value)];
  });
