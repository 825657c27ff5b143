import { ParseError } from './parse-error.js';

const ROOT = '/proc/sys/';

/**
 * Kernel settings from `grep -rHs '' /proc/sys/…` (`PATH:VALUE` lines), keyed as `sysctl` prints them. The names of
 * interfaces are kept as they are: an interface name holds neither `/` nor `:`, but may hold dots. The lines of a value
 * of several lines are joined by a blank.
 * @throws ParseError
 */
export const parseSysctls = (text: string): Readonly<Record<string, string>> => {
  const values: Record<string, string> = Object.create(null);
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon < 0 || !line.startsWith(ROOT)) throw new ParseError('sysctl', index + 1, 'not a PATH:VALUE line');
    const key = line.slice(ROOT.length, colon).replaceAll('/', '.');
    const value = line.slice(colon + 1);
    const before = values[key];
    values[key] = before === undefined ? value : `${before} ${value}`;
  }
  return values;
};

const ASSIGNMENT = /^([\w.-][^\s=:]*)\s*=\s?(.*)$/;

/**
 * Settings from `sysctl -a` (`KEY = VALUE` lines, where a dot in an interface name is printed as `/`) or from
 * `grep -r '' /proc/sys`. Lines that are neither (warnings of sysctl) are left out.
 * @throws ParseError when no line is a setting
 * @see sysctl(8)
 */
export const parseSysctlDump = (text: string): Readonly<Record<string, string>> => {
  if (text.startsWith(ROOT)) return parseSysctls(text);
  const values: Record<string, string> = Object.create(null);
  for (const line of text.split('\n')) {
    const [, key, value] = ASSIGNMENT.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values[key.replaceAll('/', '.')] = value;
  }
  if (Object.keys(values).length === 0) throw new ParseError('sysctl', 1, 'no KEY = VALUE line');
  return values;
};
