import type { ResolvConf } from '../model/state.js';

/**
 * The resolver settings of a `resolv.conf`. Lines it does not know are ignored, as the C library does; of several
 * `search` or `domain` lines the last one counts.
 * @see resolv.conf(5)
 */
export const parseResolvConf = (text: string): ResolvConf => {
  const nameservers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    if (/^[#;]/.test(line)) continue;
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0]);
    else if (keyword === 'search' || keyword === 'domain') search = values;
    else if (keyword === 'options') options.push(...values);
  }
  return { nameservers, search, options };
};
