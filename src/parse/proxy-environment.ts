import ipaddr from 'ipaddr.js';
import type { ProxyVariable } from '../model/process-context.js';

/** What tells programs of a proxy, as they spell it. @see curl(1), "ENVIRONMENT"; wget(1) */
export const PROXY_VARIABLES = [
  'http_proxy',
  'HTTP_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
] as const;

const EXEMPTIONS: readonly string[] = ['no_proxy', 'NO_PROXY'];

/** What is asked, in every spelling that an exemption may name it by. */
export interface Asked {
  readonly names: readonly string[];
}

export interface ProxyEnvironment {
  readonly proxies: readonly ProxyVariable[];
  readonly isExempt: boolean;
}

/**
 * The proxies of an environment as `/proc/PID/environ` shows it. Of a proxy elsewhere only the variable is kept, and never a
 * user or a password. Exemptions are read generously, since programs differ: what any of them may exempt is exempt.
 * @see proc_pid_environ(5)
 */
export const parseProxyEnvironment = (text: string, { names }: Asked): ProxyEnvironment => {
  const values = new Map(
    text.split('\0').flatMap((entry) => {
      const at = entry.indexOf('=');
      return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : [];
    }),
  );
  const proxies = PROXY_VARIABLES.flatMap((name) => {
    const value = values.get(name)?.trim();
    return value ? [{ name, place: loopbackPlace(value) }] : [];
  });
  const exempt = EXEMPTIONS.flatMap((name) => (values.get(name) ?? '').split(/[\s,]+/)).filter((word) => word !== '');
  return { proxies, isExempt: exempt.some((word) => names.some((name) => covers(word, name))) };
};

const PLACE = /^(?:[a-z0-9+.-]+:\/\/)?(?:.*@)?(\[[0-9a-f:]+\]|[^\s:/@]+):(\d{1,5})\/*$/i;

const loopbackPlace = (value: string): ProxyVariable['place'] => {
  const [, host = '', port = ''] = PLACE.exec(value) ?? [];
  const spelled = host.replace(/^\[|\]$/g, '').toLowerCase();
  const address = spelled === 'localhost' ? '127.0.0.1' : spelled;
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback'
    ? { address, port: Number(port) }
    : null;
};

/** Whether a word of `no_proxy` may mean a host: `*`, an address, a network, a name, or the end of a name. */
const covers = (word: string, name: string): boolean => {
  const [host, asked] = [word.toLowerCase().replace(/:\d+$/, ''), name.toLowerCase()];
  if (word === '*' || host === asked || `[${asked}]` === host) return true;
  if (ipaddr.isValid(asked)) return isInNetwork(word, asked) || asked.startsWith(host.replace(/\*$/, ''));
  return asked.endsWith(`.${host.replace(/^\*?\./, '')}`) || asked === host.replace(/^\*?\./, '');
};

const isInNetwork = (word: string, address: string): boolean => {
  try {
    const [asked, network] = [ipaddr.parse(address), ipaddr.parseCIDR(word)];
    return asked.kind() === network[0].kind() && asked.match(network as [ipaddr.IPv4, number]);
  } catch {
    return false;
  }
};
