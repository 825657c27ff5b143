import type { Lab } from '../lab/lab.js';
import { quoted } from '../lab/topology.js';

/** What a repair may have damaged, as it is at one moment, in the host and the container. */
export interface LabState {
  /** `host iptables filter -A FORWARD -j DROP`: namespace, back-end, table, rule. */
  readonly rules: readonly string[];
  /** Policy by `host iptables filter FORWARD`. */
  readonly policies: Readonly<Record<string, string>>;
  /** Value by `host eth0`. */
  readonly rpFilter: Readonly<Record<string, string>>;
  /** `host default via 198.51.100.1 dev eth0`. */
  readonly routes: readonly string[];
  /** `host eth0 198.51.100.10/24`. */
  readonly addresses: readonly string[];
}

const BACKENDS = ['iptables', 'iptables-legacy', 'ip6tables'] as const;

const MARK = '@@@';

const READ = [
  ...BACKENDS.map((name) => `echo ${MARK} ${name}; ${name}-save 2>/dev/null`),
  `echo ${MARK} nft; nft list ruleset 2>/dev/null`,
  `echo ${MARK} rp_filter; cd /proc/sys/net/ipv4/conf && for c in *; do echo "$c $(cat "$c/rp_filter")"; done`,
  `echo ${MARK} routes; ip -4 route show`,
  `echo ${MARK} addresses; ip -4 -br addr show scope global`,
].join('\n');

/** Reads the state of the lab's host and container; a namespace that is not there has none. */
export const readLabState = async (lab: Lab): Promise<LabState> => {
  const texts: (readonly [string, string])[] = [];
  for (const netns of ['host', lab.topology.target]) {
    const inside =
      netns === 'host' ? READ : `test -e /run/netns/${netns} && ip netns exec ${netns} sh -c ${quoted(READ)}`;
    texts.push([netns, (await lab.exec(inside, { timeoutMs: 15_000 })).stdout]);
  }
  return parseLabState(texts);
};

/** @param texts namespace and what its commands printed */
export const parseLabState = (texts: readonly (readonly [string, string])[]): LabState => {
  const state = { rules: [], policies: {}, rpFilter: {}, routes: [], addresses: [] } as {
    rules: string[];
    policies: Record<string, string>;
    rpFilter: Record<string, string>;
    routes: string[];
    addresses: string[];
  };
  for (const [netns, text] of texts)
    for (const part of text.split(`${MARK} `).slice(1)) {
      const [title = '', ...lines] = part
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      if (title === 'nft') readNft(lines, netns, state);
      else if (title === 'rp_filter')
        for (const line of lines) {
          const [device = '', value = ''] = line.split(' ');
          state.rpFilter[`${netns} ${device}`] = value;
        }
      else if (title === 'routes') state.routes.push(...lines.map((line) => `${netns} ${line}`));
      else if (title === 'addresses')
        for (const line of lines) {
          const [device = '', , ...addresses] = line.split(/\s+/);
          state.addresses.push(...addresses.map((address) => `${netns} ${device.replace(/@.*/, '')} ${address}`));
        }
      else readSave(lines, `${netns} ${title}`, state);
    }
  return state;
};

interface Rules {
  readonly rules: string[];
  readonly policies: Record<string, string>;
}

const readSave = (lines: readonly string[], prefix: string, { rules, policies }: Rules): void => {
  let table = '';
  for (const line of lines) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined && policy !== undefined && policy !== '-') policies[`${prefix} ${table} ${chain}`] = policy;
    if (line.startsWith('-A ')) rules.push(`${prefix} ${table} ${line}`);
  }
};

/** Tables that iptables-nft made are read by its own program. */
const OF_IPTABLES = /^table (?:ip|ip6) (?:filter|nat|mangle|raw|security) \{/;

const readNft = (lines: readonly string[], netns: string, { rules, policies }: Rules): void => {
  let [table, chain] = ['', ''];
  for (const line of lines) {
    if (line.startsWith('table ')) {
      table = OF_IPTABLES.test(line) ? '' : line.slice('table '.length, -' {'.length).replaceAll(' ', '/');
      chain = '';
    } else if (table === '') continue;
    else if (/^(?:chain|set|map) /.test(line))
      chain = line.startsWith('chain ') ? line.slice('chain '.length, -' {'.length) : '';
    else if (line === '}' || chain === '') continue;
    else if (line.startsWith('type ')) {
      const policy = /policy (\w+)/.exec(line)?.[1];
      if (policy !== undefined) policies[`${netns} nft ${table} ${chain}`] = policy.toUpperCase();
    } else rules.push(`${netns} nft ${table} ${chain} ${line}`);
  }
};
