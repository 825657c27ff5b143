import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Family } from '../model/flow.js';
import { isHostAlias } from '../model/host-aliases.js';
import type { NetnsRef } from '../model/netns.js';
import type { ResolvConf } from '../model/state.js';
import type { HostsEntry } from '../parse/hosts.js';
import { type Destination, DNS_PORT, parseDestination } from './destination.js';

export interface ResolvedDestination extends Destination {
  readonly family: Family;
  readonly address: string;
  /** The query that was sent for a name, as a command; `null` for a literal address. */
  readonly asked: readonly string[] | null;
}

export interface ResolveDestinationOptions {
  /** The namespace to ask from. */
  readonly netns: NetnsRef;
  /** The container's resolver settings; `null` when they cannot be read. */
  readonly resolvConf: ResolvConf | null;
  /** The container's hosts file; `null` when it cannot be read. */
  readonly hosts?: readonly HostsEntry[] | null;
  /** The only family wanted; IPv4 is preferred without it. */
  readonly family?: Family | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole query. @default 5000 */
  readonly timeoutMs?: number;
}

/**
 * The address of a destination. A name is looked up in the container's network namespace, at the container's own
 * nameservers and with its search list: that is traffic.
 * @throws KnownError when it is no destination or does not resolve
 */
export const resolveDestination = async (
  spelled: string,
  options: ResolveDestinationOptions,
): Promise<ResolvedDestination> => {
  const destination = parseDestination(spelled);
  const { family, host } = destination;
  if (host === '') return { ...destination, ...ownServer(options), asked: null };
  if (family === null) return inHosts(destination, options) ?? (await lookUp(destination, options));
  if (options.family !== undefined && options.family !== family) {
    throw doesNotResolve(host, `it is an IPv${family} address, and IPv${options.family} was asked for`);
  }
  return { ...destination, family, address: host, asked: null };
};

/** The first of the container's own DNS servers. */
const ownServer = ({ resolvConf, family }: ResolveDestinationOptions): { address: string; family: Family } => {
  const use = { exitCode: EXIT.usage, hint: 'name the server: dns://SERVER/NAME' };
  if (resolvConf === null) throw new KnownError("the container's resolv.conf cannot be read", use);
  const servers = resolvConf.nameservers.length > 0 ? resolvConf.nameservers : ['127.0.0.1'];
  const versioned = servers.map((address) => ({
    address,
    family: address.includes(':') ? (6 as const) : (4 as const),
  }));
  const [first] = versioned.filter((server) => family === undefined || server.family === family);
  if (first === undefined) throw new KnownError(`the container has no DNS server with an IPv${family} address`, use);
  return first;
};

/** The address that the container's hosts file has for a name. */
const inHosts = (
  destination: Destination,
  { hosts, family }: ResolveDestinationOptions,
): ResolvedDestination | null => {
  const name = destination.host.toLowerCase().replace(/\.$/, '');
  const known = (hosts ?? [])
    .filter(({ names }) => names.includes(name))
    .map(({ address }) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }))
    .filter((entry) => family === undefined || entry.family === family)
    .sort((a, b) => a.family - b.family);
  const [first] = known;
  return first === undefined ? null : { ...destination, ...first, asked: null };
};

/** Runs in a child: names to try, servers, and the record types, as JSON in its first argument. */
const QUERY = `
const { Resolver } = require('node:dns').promises;
const { names, servers, types } = JSON.parse(process.argv[1]);
const resolver = new Resolver({ timeout: 1500, tries: 2 });
resolver.setServers(servers);
(async () => {
  let code = 'ENOTFOUND';
  for (const name of names) for (const type of types) {
    try {
      const [address] = await resolver.resolve(name, type);
      if (address) return { address, type };
    } catch (error) {
      code = error.code;
    }
  }
  return { code };
})().then((answer) => console.log(JSON.stringify(answer)));
`;

const lookUp = async (destination: Destination, options: ResolveDestinationOptions): Promise<ResolvedDestination> => {
  const { resolvConf } = options;
  if (resolvConf === null) {
    throw doesNotResolve(destination.host, "the container's resolv.conf cannot be read; give an address instead");
  }
  const servers = resolvConf.nameservers.length > 0 ? resolvConf.nameservers : ['127.0.0.1'];
  const types = options.family === undefined ? ['A', 'AAAA'] : [options.family === 4 ? 'A' : 'AAAA'];
  const question = { names: namesToTry(destination.host, resolvConf), servers, types };
  const argv = inNetns(options.netns, [process.execPath, '-e', QUERY, JSON.stringify(question)]);
  const result = await runCommand(argv, { signal: options.signal, timeoutMs: options.timeoutMs ?? 5000 });
  const answer = readAnswer(result.stdout);
  if (answer === null) {
    const why = result.failure === 'timeout' ? 'no answer' : 'the query failed';
    throw doesNotResolve(destination.host, `${why} from ${servers.join(', ')}`);
  }
  if ('code' in answer && answer.code === 'ENOTFOUND' && options.hosts && isHostAlias(destination.host))
    return asQuery(destination, options);
  if ('code' in answer) throw doesNotResolve(destination.host, `${answer.code} from ${servers.join(', ')}`);
  const asked = ['dig', `@${servers[0]}`, question.names[0] ?? destination.host, answer.type];
  return {
    ...destination,
    family: answer.type === 'A' ? 4 : 6,
    address: answer.address,
    asked: inNetns(options.netns, asked),
  };
};

/** The query for a name that only the hosts file could have had, in place of a flow to its address. */
const asQuery = (destination: Destination, options: ResolveDestinationOptions): ResolvedDestination => ({
  ...destination,
  ...ownServer(options),
  protocol: 'udp',
  port: DNS_PORT,
  dns: { name: destination.host, type: 'A' },
  asked: null,
});

type Answer = { readonly address: string; readonly type: 'A' | 'AAAA' } | { readonly code: string };

const readAnswer = (text: string): Answer | null => {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
};

/** A name with fewer dots than `ndots` is tried with the search list first. @see resolv.conf(5) */
const namesToTry = (host: string, { search, options }: ResolvConf): string[] => {
  if (host.endsWith('.')) return [host];
  const ndots = Number(options.find((option) => option.startsWith('ndots:'))?.slice('ndots:'.length) ?? 1);
  const searched = search.filter((domain) => domain !== '.').map((domain) => `${host}.${domain}`);
  const dots = host.split('.').length - 1;
  return dots >= ndots ? [host, ...searched] : [...searched, host];
};

const doesNotResolve = (host: string, why: string): KnownError =>
  new KnownError(`${host} does not resolve: ${why}`, { exitCode: EXIT.usage, hint: 'an address needs no resolver' });
