import { ParseError } from './parse-error.js';

/**
 * Counters from `/proc/net/snmp`, `/proc/net/netstat` (pairs of lines `Ip: NAME …` and `Ip: VALUE …`) and
 * `/proc/net/snmp6` (`Ip6InReceives VALUE`), in any order one after the other: `Ip.InAddrErrors`,
 * `TcpExt.IPReversePathFilter`, `Ip6.InNoRoutes`.
 * @throws ParseError
 * @see https://docs.kernel.org/networking/snmp_counter.html
 */
export const parseProcNetCounters = (text: string): Readonly<Record<string, number>> => {
  const counters: Record<string, number> = Object.create(null);
  let header: readonly string[] | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const [first, ...rest] = words;
    if (first === undefined) continue;
    if (!first.endsWith(':')) addCounter6(counters, words, index + 1);
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

const toNumber = (text: string | undefined, line: number): number => {
  const value = Number(text);
  if (text === undefined || !Number.isFinite(value)) throw new ParseError('proc/net', line, `not a number: ${text}`);
  return value;
};
