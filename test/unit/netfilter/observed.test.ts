import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { NetfilterState } from '../../../src/netfilter/state.js';
import type { ConnectionState, HookContext, HookPacket, HookWalk } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState } from './helpers/state.js';

interface Observed {
  readonly dump: string;
  readonly probe: {
    readonly iif: string;
    readonly src: string;
    readonly dst: string;
    readonly proto: 'tcp' | 'udp' | 'icmp';
    readonly sport: number;
    readonly dport: number;
    readonly flags: string;
    readonly icmp: readonly [number, number];
    readonly ttl: number;
    readonly smac: string;
  };
  readonly route_oif: string;
  readonly verdict: 'forwarded' | 'dropped' | 'delivered';
  readonly egress: readonly {
    readonly oif: string;
    readonly src: string;
    readonly dst: string;
    readonly sport?: number;
    readonly dport?: number;
  }[];
  readonly replies: readonly unknown[];
  readonly arp: readonly unknown[];
  /** `[table, chain, rule | policy:X, n]` of iptables, `[family, table, chain, handle | 'policy', verdict]` of nft. */
  readonly hits: readonly (readonly (string | number)[])[];
}

interface Dump {
  readonly dump: string;
  readonly save: string;
  readonly nft: unknown;
}

const FIXTURES = new URL('../../../fixtures/rulesets/observed/', import.meta.url);

const readLines = <T>(name: string): readonly T[] =>
  gunzipSync(readFileSync(new URL(name, FIXTURES)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const DUMPS = new Map(readLines<Dump>('dumps.jsonl.gz').map((dump) => [dump.dump, dump]));

/** Every interface of the observations has one address of this form. */
const OWN_ADDRESS = /^100\.64\.\d+\.1$/;

const context: HookContext = {
  isLocalAddress: (address) => OWN_ADDRESS.test(address),
  addressType: (address) => (OWN_ADDRESS.test(address) ? 'local' : 'unicast'),
  primaryAddress: () => null,
};

const FLAGS: Readonly<Record<string, string>> = { S: 'SYN', A: 'ACK', F: 'FIN', P: 'PSH', U: 'URG', R: 'RST' };

/** State of a connection's first packet, as conntrack judges it. */
const stateOf = ({ proto, flags, icmp }: Observed['probe']): ConnectionState => {
  if (proto === 'tcp') return flags === 'S' || flags === 'A' ? 'new' : 'invalid';
  return proto === 'udp' || icmp[0] === 8 || icmp[0] === 13 ? 'new' : 'invalid';
};

const packetOf = ({ probe }: Observed): HookPacket => ({
  family: 4,
  protocol: probe.proto,
  source: probe.src,
  destination: probe.dst,
  sourcePort: probe.proto === 'icmp' ? null : probe.sport,
  destinationPort: probe.proto === 'icmp' ? null : probe.dport,
  icmp: probe.proto === 'icmp' ? { type: probe.icmp[0], code: probe.icmp[1] } : null,
  tcpFlags: probe.proto === 'tcp' ? [...probe.flags].map((flag) => FLAGS[flag] ?? flag) : [],
  iif: probe.iif,
  oif: null,
  physIn: null,
  physOut: null,
  mark: 0,
  connection: stateOf(probe),
  connectionDirection: 'original',
  connectionStatus: [],
  length: 60,
  ttl: probe.ttl,
  macSource: probe.smac,
});

interface Outcome {
  readonly verdict: Observed['verdict'] | 'undecided';
  readonly walks: readonly HookWalk[];
  readonly packet: HookPacket;
}

const isThrough = (walk: HookWalk): boolean => walk.verdict === 'accept';

/** The whole way of a received packet, as the records' routes lead it. */
const follow = (state: NetfilterState, record: Observed, routes: ReadonlyMap<string, string>): Outcome => {
  const walks: HookWalk[] = [];
  const end = (verdict: Outcome['verdict'], packet: HookPacket): Outcome => {
    const isOpen = walks.some((walk) => walk.unknowns.length > 0);
    return { verdict: isOpen ? 'undecided' : verdict, walks, packet };
  };
  const step = (hook: Parameters<typeof walkHook>[1], packet: HookPacket): HookWalk => {
    const walk = walkHook(state, hook, packet, context);
    walks.push(walk);
    return walk;
  };
  const prerouting = step('prerouting', packetOf(record));
  if (!isThrough(prerouting)) return end('dropped', prerouting.packet);
  const { destination } = prerouting.packet;
  if (OWN_ADDRESS.test(destination)) {
    const input = step('input', prerouting.packet);
    return end(isThrough(input) ? 'delivered' : 'dropped', input.packet);
  }
  const oif = routes.get(destination) ?? 'zzout0';
  const forward = step('forward', { ...prerouting.packet, oif, ttl: record.probe.ttl - 1 });
  if (!isThrough(forward)) return end('dropped', forward.packet);
  const postrouting = step('postrouting', forward.packet);
  return end(isThrough(postrouting) ? 'forwarded' : 'dropped', postrouting.packet);
};

const isArpFailure = (record: Observed, outcome: Outcome): boolean =>
  record.verdict === 'dropped' &&
  record.arp.length > 0 &&
  outcome.verdict === 'forwarded' &&
  outcome.walks.some((walk) => walk.translations.some(({ kind }) => kind === 'dnat'));

/** Where the prediction and the observation differ; empty when they agree. */
const differences = (record: Observed, { verdict, walks, packet }: Outcome): readonly string[] => {
  if (verdict !== record.verdict) return [`${verdict} instead of ${record.verdict}`];
  const seen = record.egress[0];
  if (verdict !== 'forwarded' || seen === undefined) return [];
  const masqueraded = walks.some((walk) => walk.translations.some((translation) => translation.masquerade));
  const problems: string[] = [];
  if (seen.oif !== packet.oif) problems.push(`by ${packet.oif} instead of ${seen.oif}`);
  if (masqueraded ? !OWN_ADDRESS.test(seen.src) : seen.src !== packet.source) {
    problems.push(`from ${packet.source} instead of ${seen.src}`);
  }
  if (seen.dst !== packet.destination) problems.push(`to ${packet.destination} instead of ${seen.dst}`);
  if (record.probe.proto !== 'icmp' && seen.dport !== packet.destinationPort) {
    problems.push(`to port ${packet.destinationPort} instead of ${seen.dport}`);
  }
  return problems;
};

/** Rules and policies that counted the packet; replies count in the same chains, so packets with replies are left out. */
const observedHits = (record: Observed, name: string): readonly string[] =>
  record.hits
    .filter((hit) => name !== 'nft' || hit[1] === 'docker-bridges')
    .map((hit) => (name === 'nft' ? hit.slice(1, 4) : hit.slice(0, 3)).join(' ').replace(/policy:.*/, 'policy'))
    .sort();

const predictedHits = ({ walks }: Outcome, name: string): readonly string[] =>
  walks
    .flatMap((walk) => walk.met)
    .map((rule) => `${rule.table} ${rule.chain} ${(name === 'nft' ? rule.handle : rule.index) ?? 'policy'}`)
    .sort();

const BACKENDS = [
  { name: 'legacy', agree: 650, arp: 1, exact: 479, dumps: ({ save }: Dump) => ({ iptablesLegacy: save }) },
  {
    name: 'iptables-nft',
    agree: 650,
    arp: 1,
    exact: 479,
    dumps: ({ save, nft }: Dump) => ({ iptablesNft: save, nftables: JSON.stringify(nft) }),
  },
  { name: 'nft', agree: 669, arp: 0, exact: 502, dumps: ({ nft }: Dump) => ({ nftables: JSON.stringify(nft) }) },
] as const;

describe('what a kernel did with packets under the rulesets of Docker', () => {
  it.each(BACKENDS)('$name: $agree packets go as observed, $exact by the same rules', (backend) => {
    const { name, dumps } = backend;
    const states = new Map<string, NetfilterState>();
    const routes = new Map<string, Map<string, string>>();
    const failures: string[] = [];
    let agree = 0;
    let arp = 0;
    let exact = 0;
    for (const record of readLines<Observed>(`observed-${name}.jsonl.gz`)) {
      const dump = DUMPS.get(record.dump);
      if (dump === undefined) throw new Error(`no dump ${record.dump}`);
      const state = states.get(record.dump) ?? loadNetfilter(netnsState(dumps(dump)));
      states.set(record.dump, state);
      const table = routes.get(record.dump) ?? new Map<string, string>();
      routes.set(record.dump, table);
      if (record.route_oif !== 'local') table.set(record.probe.dst, record.route_oif);
      table.set(record.probe.src, record.probe.iif);
      const outcome = follow(state, record, table);
      const problems = [...differences(record, outcome)];
      if (record.replies.length === 0) {
        exact += 1;
        const [seen, said] = [observedHits(record, name).join(', '), predictedHits(outcome, name).join(', ')];
        if (seen !== said) problems.push(`met ${said} instead of ${seen}`);
      }
      if (problems.length === 0) agree += 1;
      else if (isArpFailure(record, outcome)) arp += 1;
      else failures.push(`${record.dump} ${JSON.stringify(record.probe)}: ${problems.join(', ')}`);
    }
    expect(failures).toEqual([]);
    expect({ agree, arp, exact }).toEqual({ agree: backend.agree, arp: backend.arp, exact: backend.exact });
  });
});
