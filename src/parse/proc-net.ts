import { ParseError } from './parse-error.js';

/** First words of `/proc/net/stat/nf_conntrack`, whose first column is the same for every CPU and no counter. */
const CONNTRACK = /^entries (?=.* insert_failed drop(?: |$))/;

/**
 * Counters from `/proc/net/snmp`, `/proc/net/netstat` (pairs of lines `Ip: NAME …` and `Ip: VALUE …`), `/proc/net/snmp6`
 * (`Ip6InReceives VALUE`) and `/proc/net/stat/nf_conntrack` (a line of names, then one of hexadecimal values for each CPU),
 * in any order one after the other: `Ip.InAddrErrors`, `TcpExt.IPReversePathFilter`, `Ip6.InNoRoutes`, `Conntrack.drop`.
 * @throws ParseError
 * @see https://docs.kernel.org/networking/snmp_counter.html
 * @see ct_cpu_seq_show in net/netfilter/nf_conntrack_standalone.c
 */
export const parseProcNetCounters = (text: string): Readonly<Record<string, number>> => {
  const counters: Record<string, number> = Object.create(null);
  let header: readonly string[] | null = null;
  let tracking: readonly string[] | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const [first, ...rest] = words;
    if (first === undefined) continue;
    if (CONNTRACK.test(words.join(' '))) tracking = rest;
    else if (tracking !== null && /^[0-9a-f]{8}$/.test(first)) addConntrack(counters, tracking, rest, index + 1);
    else if (!first.endsWith(':')) addCounter6(counters, words, index + 1);
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

const addConntrack = (
  counters: Record<string, number>,
  names: readonly string[],
  values: readonly string[],
  line: number,
): void => {
  if (names.length !== values.length)
    throw new ParseError('nf_conntrack', line, `${names.length} names, ${values.length} values`);
  for (const [index, name] of names.entries()) {
    const key = `Conntrack.${name}`;
    counters[key] = (counters[key] ?? 0) + toNumber(`0x${values[index]}`, line);
  }
};

const toNumber = (text: string | undefined, line: number): number => {
  const value = Number(text);
  if (text === undefined || !Number.isFinite(value)) throw new ParseError('proc/net', line, `not a number: ${text}`);
  return value;
};
