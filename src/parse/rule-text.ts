import type { RuleRow } from './ip-rule.js';

/** One line that `ip rule add` and `ip rule del` take (with `-6` for IPv6), in the order in which `ip rule` prints it. */
export const ruleText = (row: RuleRow): string =>
  [
    'priority',
    String(row.priority),
    ...('not' in row ? ['not'] : []),
    'from',
    network(row.src, row.srclen),
    ...(row.dst === undefined ? [] : ['to', network(row.dst, row.dstlen)]),
    ...pair('tos', row.tos),
    ...pair('fwmark', mark(row)),
    ...pair('iif', row.iif),
    ...pair('oif', row.oif),
    ...('l3mdev' in row ? ['l3mdev'] : []),
    ...pair('uidrange', range(undefined, row.uid_start, row.uid_end)),
    ...pair('ipproto', row.ipproto),
    ...pair('sport', range(row.sport, row.sport_start, row.sport_end)),
    ...pair('dport', range(row.dport, row.dport_start, row.dport_end)),
    ...pair('tun_id', row.tun_id),
    ...pair('lookup', row.table),
    ...pair('suppress_prefixlength', row.suppress_prefixlen),
    ...pair('suppress_ifgroup', row.suppress_ifgroup),
    ...pair('goto', row.goto),
    ...('nop' in row ? ['nop'] : []),
    ...(row.action === undefined ? [] : [row.action]),
    ...pair(
      'realms',
      row.flow_to === undefined ? undefined : `${row.flow_from ? `${row.flow_from}/` : ''}${row.flow_to}`,
    ),
  ].join(' ');

const pair = (word: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [word, String(value)];

const network = (address: string, length: number | undefined): string =>
  length === undefined ? address : `${address}/${length}`;

const mark = (row: RuleRow): string | undefined =>
  row.fwmark === undefined ? undefined : `${row.fwmark}${row.fwmask === undefined ? '' : `/${row.fwmask}`}`;

const range = (single: number | undefined, start: number | undefined, end: number | undefined): string | undefined => {
  if (single !== undefined) return String(single);
  return start === undefined ? undefined : `${start}-${end}`;
};
