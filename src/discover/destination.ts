import { isIP } from 'node:net';
import { EXIT, KnownError } from '../model/errors.js';
import type { DnsQuestion, Family, Protocol } from '../model/flow.js';
import { isMulticast, LIMITED_BROADCAST } from '../routing/lookup-route.js';

/** A destination as it was typed, taken apart. */
export interface Destination {
  readonly text: string;
  readonly host: string;
  /** Family of a literal address; `null` for a name. */
  readonly family: Family | null;
  readonly protocol: Protocol;
  readonly port: number | null;
  /** What to ask a DNS server; with an empty `host`, the container's own. */
  readonly dns?: DnsQuestion;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

const FORMS =
  'a destination is an address or name, HOST:PORT, tcp://HOST:PORT, udp://HOST:PORT, dns://SERVER/NAME, dns:///NAME or http(s)://HOST; IPv6 in brackets';

/**
 * Takes a destination apart. A port without a scheme means TCP, no port means ICMP echo; an http(s) URL means TCP to its
 * port; a dns URL means a query over UDP.
 * @throws KnownError
 */
export const parseDestination = (spelled: string): Destination => {
  const bare = spelled.trim();
  if (isIP(bare) !== 0) return { text: spelled, host: bare, family: familyOf(bare), protocol: 'icmp', port: null };
  const [, scheme, rest = bare] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(bare) ?? [];
  const kind = scheme?.toLowerCase() ?? null;
  if (kind !== null && !SCHEMES.has(kind)) throw wrong(spelled, `${kind}:// is not supported`);
  if (kind === 'dns') return dnsDestination(spelled, rest);
  const isUrl = kind === 'http' || kind === 'https';
  const authority = isUrl ? (rest.split(/[/?#]/, 1)[0] ?? '').replace(/^.*@/, '') : rest.replace(/\/$/, '');
  const { host, port } = splitPort(spelled, authority);
  const givenPort = port ?? (isUrl ? DEFAULT_PORTS[kind] : null);
  if (kind !== null && givenPort === null) throw wrong(spelled, 'no port');
  const protocol = kind === 'udp' ? 'udp' : givenPort === null ? 'icmp' : 'tcp';
  if (protocol === 'tcp' && (isMulticast(host) || host === LIMITED_BROADCAST))
    throw wrong(spelled, `TCP connects to one host, and ${host} is for many`);
  return { text: spelled, host, family: familyOf(host), protocol, port: givenPort };
};

const SCHEMES: ReadonlySet<string> = new Set(['tcp', 'udp', 'dns', 'http', 'https']);

export const DNS_PORT = 53;

const dnsDestination = (spelled: string, rest: string): Destination => {
  const [, authority = '', name = ''] = /^([^/]*)\/(.*)$/.exec(rest) ?? [];
  if (!NAME.test(name)) throw wrong(spelled, 'no name to ask for');
  const { host, port } = authority === '' ? { host: '', port: null } : splitPort(spelled, authority);
  const dns = { name, type: 'A' } as const;
  return { text: spelled, host, family: familyOf(host), protocol: 'udp', port: port ?? DNS_PORT, dns };
};

const wrong = (spelled: string, problem: string): KnownError =>
  new KnownError(`${JSON.stringify(spelled)} is not a destination: ${problem}`, { exitCode: EXIT.usage, hint: FORMS });

const familyOf = (host: string): Family | null => {
  const version = isIP(host);
  return version === 0 ? null : version === 4 ? 4 : 6;
};

/** Names as resolvers take them: labels of letters, digits, hyphens and underscores. */
const NAME = /^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

const splitPort = (spelled: string, authority: string): { readonly host: string; readonly port: number | null } => {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  const plain = /^([^:]*)(?::(.*))?$/.exec(authority);
  const [, host = '', portText] = bracketed ?? plain ?? [];
  if (bracketed !== null && isIP(host) !== 6) throw wrong(spelled, 'no IPv6 address in the brackets');
  if (bracketed === null && isIP(host) === 0 && !isName(host)) throw wrong(spelled, 'no address and no name');
  return { host, port: portText === undefined ? null : toPort(spelled, portText) };
};

/** Digits and dots alone are a mistyped address, not a name. */
const isName = (host: string): boolean => NAME.test(host) && !/^[\d.]+$/.test(host);

const toPort = (spelled: string, text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw wrong(spelled, 'the port is not a number from 1 to 65535');
  return port;
};
