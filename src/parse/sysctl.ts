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
