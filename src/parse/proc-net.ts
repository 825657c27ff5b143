import { ParseError } from './parse-error.js';

/**
 * Files of `/proc/net/stat`: a line of names, of which the first is the same for every CPU and no counter. ARP's table comes
 * before that of neighbour discovery, with the same names.
 */
const STATS: readonly { readonly group: string; readonly names: RegExp }[] = [
  { group: 'Conntrack', names: /^entries (?=.* insert_failed drop(?: |$))/ },
  { group: 'Arp', names: /^entries (?=.* table_fulls(?: |$))/ },
  { group: 'Ndisc', names: /^entries (?=.* table_fulls(?: |$))/ },
];

interface Columns {
  readonly group: string;
  readonly names: readonly string[];
}

/** The first columns of `/proc/net/softnet_stat`, which has no line of names and comes before the files that have one. */
const SOFTNET: Columns = { group: 'Softnet', names: ['processed', 'dropped', 'time_squeeze'] };

/**
 * Counters from `/proc/net/snmp`, `/proc/net/netstat` (pairs of lines `Ip: NAME …` and `Ip: VALUE …`), `/proc/net/snmp6`
 * (`Ip6InReceives VALUE`), `/proc/net/softnet_stat` (a line of hexadecimal values for each CPU) and files of
 * `/proc/net/stat` (a line of names, then such lines), one after the other: `Ip.InAddrErrors`,
 * `TcpExt.IPReversePathFilter`, `Ip6.InNoRoutes`, `Conntrack.drop`, `Arp.table_fulls`, `Softnet.dropped`. What the last
 * three count is the whole kernel's.
 * @throws ParseError
 * @see https://docs.kernel.org/networking/snmp_counter.html
 * @see ct_cpu_seq_show in net/netfilter/nf_conntrack_standalone.c, neigh_stat_seq_show in net/core/neighbour.c,
 * softnet_seq_show in net/core/net-procfs.c
 */
export const parseProcNetCounters = (text: string): Readonly<Record<string, number>> => {
  const counters: Record<string, number> = Object.create(null);
  const seen = new Set<string>();
  let header: readonly string[] | null = null;
  let columns: Columns | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const [first, ...rest] = words;
    if (first === undefined) continue;
    const stat = STATS.find(({ group, names }) => names.test(words.join(' ')) && !seen.has(group));
    if (stat !== undefined) {
      columns = { group: stat.group, names: rest };
      seen.add(stat.group);
    } else if (/^[0-9a-f]{8}$/.test(first)) {
      const values = columns === null ? words.slice(0, SOFTNET.names.length) : rest;
      addPerCpu(counters, columns ?? SOFTNET, values, index + 1);
    } else if (!first.endsWith(':')) addCounter6(counters, words, index + 1);
    else if (header === null || header[0] !== first) header = words;
    else {
      addCounters(counters, header, rest, index + 1);
      header = null;
    }
  }
  return counters;
};

const addCounters = (
  counters: Record<string, number>,
  [group, ...names]: readonly string[],
  values: readonly string[],
  line: number,
): void => {
  if (names.length !== values.length)
    throw new ParseError('proc/net', line, `${group} ${names.length} names, ${values.length} values`);
  for (const [index, name] of names.entries()) {
    counters[`${group?.slice(0, -1)}.${name}`] = toNumber(values[index], line);
  }
};

const addCounter6 = (counters: Record<string, number>, words: readonly string[], line: number): void => {
  const name = /^([A-Za-z]+6)(\w+)$/.exec(words[0] ?? '');
  if (name === null || words.length !== 2) throw new ParseError('snmp6', line, 'not a NAME VALUE line');
  counters[`${name[1]}.${name[2]}`] = toNumber(words[1], line);
};

const addPerCpu = (
  counters: Record<string, number>,
  { group, names }: Columns,
  values: readonly string[],
  line: number,
): void => {
  if (names.length !== values.length)
    throw new ParseError(group, line, `${names.length} names, ${values.length} values`);
  for (const [index, name] of names.entries()) {
    const key = `${group}.${name}`;
    counters[key] = (counters[key] ?? 0) + toNumber(`0x${values[index]}`, line);
  }
};

const toNumber = (text: string | undefined, line: number): number => {
  const value = Number(text);
  if (text === undefined || !Number.isFinite(value)) throw new ParseError('proc/net', line, `not a number: ${text}`);
  return value;
};
