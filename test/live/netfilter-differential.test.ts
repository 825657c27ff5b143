import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/host/run-command.js';
import { loadNetfilter } from '../../src/netfilter/load.js';
import { baseChains, chainRules, findChains } from '../../src/netfilter/rules.js';
import type { NetfilterState } from '../../src/netfilter/state.js';
import type { Hook, HookContext, HookPacket, HookWalk, RuleRef } from '../../src/netfilter/types.js';
import { walkHook } from '../../src/netfilter/walk-hook.js';
import { type Seeded, seeded } from '../helpers/seeded.js';
import { netnsState } from '../unit/netfilter/helpers/state.js';
import { randomIptables } from './netfilter/iptables-case.js';
import { randomNativeRules, randomNft } from './netfilter/nft-case.js';

const COUNT = Number(process.env['NETFILTER_CASES'] ?? 100);
const SEED = Number(process.env['NETFILTER_SEED'] ?? 1);

interface Case {
  readonly backend: 'legacy' | 'nft' | 'nftables' | 'mixed';
  readonly rulesets: {
    readonly legacy?: string;
    readonly nft?: string;
    readonly nftables?: string;
    readonly native?: string;
  };
  readonly fromHost: boolean;
  readonly packet: {
    readonly protocol: 'tcp' | 'udp' | 'icmp';
    readonly source: string;
    readonly sourcePort: number;
    readonly destination: string;
    readonly destinationPort: number;
  };
}

const randomCase = (random: Seeded, number: number): Case => {
  const backend = random.pick(['legacy', 'nft', 'nftables', 'nftables', 'mixed'] as const);
  const fromHost = random.chance(0.2);
  const sources = fromHost
    ? (['198.51.100.10', '192.168.0.1'] as const)
    : (['192.168.0.2', '192.168.0.77', '10.9.0.5'] as const);
  return {
    backend,
    rulesets: {
      ...(backend === 'legacy' || backend === 'mixed' ? { legacy: randomIptables(random) } : {}),
      ...(backend === 'nft' ? { nft: randomIptables(random) } : {}),
      ...(backend === 'nft' && random.chance(0.5) ? { native: randomNativeRules(random) } : {}),
      ...(backend === 'nftables' || backend === 'mixed' ? { nftables: randomNft(random) } : {}),
    },
    fromHost,
    packet: {
      protocol: random.pick(['tcp', 'udp', 'icmp'] as const),
      source: random.pick(sources),
      sourcePort: 20_000 + number,
      destination: random.pick([
        '203.0.113.5',
        '203.0.113.5',
        '203.0.113.9',
        '198.51.100.20',
        ...(fromHost ? [] : ['192.168.0.1']),
      ] as [string, ...string[]]),
      destinationPort: random.pick([53, 80, 443, 8080]),
    },
  };
};

const OWN = new Map([
  ['in0', '192.168.0.1'],
  ['out0', '198.51.100.10'],
]);
const isOwn = (address: string): boolean => address.startsWith('127.') || [...OWN.values()].includes(address);

const context: HookContext = {
  isLocalAddress: isOwn,
  addressType: (address) => (isOwn(address) ? 'local' : 'unicast'),
  primaryAddress: (device) => OWN.get(device) ?? null,
};

const LENGTHS = { tcp: 60, udp: 36, icmp: 84 } as const;

const packetOf = ({ packet, fromHost }: Case): HookPacket => {
  const isIcmp = packet.protocol === 'icmp';
  return {
    family: 4,
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    sourcePort: isIcmp ? null : packet.sourcePort,
    destinationPort: isIcmp ? null : packet.destinationPort,
    icmp: isIcmp ? { type: 8, code: 0 } : null,
    tcpFlags: packet.protocol === 'tcp' ? ['SYN'] : [],
    iif: fromHost ? null : 'in0',
    oif: null,
    physIn: null,
    physOut: null,
    mark: 0,
    connection: 'new',
    connectionDirection: 'original',
    connectionStatus: [],
    length: LENGTHS[packet.protocol],
    ttl: 64,
    macSource: null,
  };
};

const routeTo = (destination: string): string => (/^(192\.168\.0|10\.9\.0)\./.test(destination) ? 'in0' : 'out0');

interface Prediction {
  readonly walks: readonly HookWalk[];
  readonly leaves: boolean;
}

const predict = (state: NetfilterState, single: Case): Prediction => {
  const walks: HookWalk[] = [];
  const step = (hook: Hook, packet: HookPacket): HookPacket | null => {
    const walk = walkHook(state, hook, packet, context);
    walks.push(walk);
    return walk.verdict === 'accept' ? walk.packet : null;
  };
  const start = packetOf(single);
  const routed = single.fromHost
    ? step('output', { ...start, oif: routeTo(start.destination) })
    : step('prerouting', start);
  if (routed === null) return { walks, leaves: false };
  if (isOwn(routed.destination)) {
    if (single.fromHost) return { walks, leaves: false };
    step('input', routed);
    return { walks, leaves: false };
  }
  const oif = routeTo(routed.destination);
  const forwarded = single.fromHost ? routed : step('forward', { ...routed, oif, ttl: 63 });
  if (forwarded === null) return { walks, leaves: false };
  const done = step('postrouting', { ...forwarded, oif });
  return { walks, leaves: done !== null && oif === 'out0' };
};

const label = (rule: RuleRef): string => `${rule.backend} ${rule.table} ${rule.chain} ${rule.index ?? 'policy'}`;

/** Rules of the hooks that were walked: the others have seen replies alone. Names tell whose chain a chain is. */
const rulesOf = (state: NetfilterState, hooks: ReadonlySet<Hook>): readonly RuleRef[] => {
  const owners = new Set(
    [...hooks]
      .flatMap((hook) => baseChains(state, hook))
      .flatMap(({ chain }) => [chain.replace(/^c/, 'u'), chain.slice(0, 4)]),
  );
  const isWalked = (chain: string): boolean =>
    owners.has(
      chain
        .replace(/^c/, 'u')
        .replace(/[-_].*/, '')
        .slice(0, 4),
    );
  return findChains(state, ({ chain }) => isWalked(chain)).flatMap((chain) => chainRules(state, chain));
};

/** Loads an nft file, leaving out the rules that nft refuses (conflicting protocols, and the like). */
const LOAD_NFT = [
  'load() {',
  '  for ((left = 20; left > 0; left -= 1)); do',
  '    nft -f "$1" 2>"$1.errors" && return',
  `    sed -i "$(sed -nE 's/^[^:]*:([0-9]+):.*/\\1d/p' "$1.errors")" "$1"`,
  '  done',
  '  cat "$1.errors" >&2; return 1',
  '}',
  'load',
].join('\n');

const run = async (directory: string, cases: readonly Case[]): Promise<void> => {
  for (const [number, { rulesets, fromHost, packet }] of cases.entries()) {
    const folder = join(directory, String(number));
    mkdirSync(folder);
    const load: string[] = ['set -e'];
    for (const [name, command] of [
      ['legacy', 'iptables-legacy-restore'],
      ['nft', 'iptables-nft-restore'],
      ['nftables', LOAD_NFT],
      ['native', LOAD_NFT],
    ] as const) {
      const text = rulesets[name];
      if (text === undefined) continue;
      writeFileSync(join(folder, `${name}.rules`), text);
      load.push(`${command} ${folder}/${name}.rules`);
    }
    writeFileSync(join(folder, 'load.sh'), `${load.join('\n')}\n`);
    writeFileSync(join(folder, 'packet.json'), `${JSON.stringify(packet)}\n`);
    if (fromHost) writeFileSync(join(folder, 'from-host'), '');
    if (packet.protocol === 'icmp') writeFileSync(join(folder, 'ping'), `${packet.source} ${packet.destination}\n`);
  }
  const script = new URL('./netfilter/run-cases.sh', import.meta.url).pathname;
  const result = await runCommand(['unshare', '-n', '-m', 'bash', script, directory, String(cases.length)], {
    timeoutMs: 30_000 + 500 * cases.length,
  });
  if (result.failure !== null) throw new Error(`${result.failure}: ${result.stderr}`);
};

const notRoot = process.getuid?.() !== 0;

describe.skipIf(notRoot)('random rulesets, one packet each, against the kernel', () => {
  let directory = '';
  const random = seeded(SEED);
  const cases = Array.from({ length: COUNT }, (_, number) => randomCase(random, number));

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vethoscope-netfilter-'));
    await run(directory, cases);
  }, 600_000);

  afterAll(() => {
    if (process.env['NETFILTER_KEEP'] === undefined) rmSync(directory, { recursive: true });
  });

  it(`every rule that the walk of ${COUNT} packets meets has counted, and no other`, () => {
    const failures: string[] = [];
    let compared = 0;
    let unknown = 0;
    /** The host's own rejects walk its OUTPUT again and spoil the counters. */
    let looped = 0;
    for (const [number, single] of cases.entries()) {
      const file = (name: string): string => readFileSync(join(directory, String(number), name), 'utf8');
      const errors = file('errors');
      if (errors.includes('load failed')) {
        failures.push(`${number} ${errors}`);
        continue;
      }
      const state = loadNetfilter(
        netnsState({ iptablesLegacy: file('legacy'), iptablesNft: file('nft'), nftables: file('json') }),
      );
      const { walks, leaves } = predict(state, single);
      const open = walks.flatMap((walk) => walk.unknowns);
      const met = new Set(walks.flatMap((walk) => [...walk.met, ...(walk.counted ?? [])]).map(label));
      const rules = rulesOf(state, new Set(walks.map((walk) => walk.hook))).filter((rule) => rule.counter !== null);
      const wrong = rules.filter((rule) => {
        const hasCounted = (rule.counter?.packets ?? 0) > 0;
        return met.has(label(rule)) ? !hasCounted : hasCounted && open.length === 0;
      });
      const cameOut = Number(file('rx')) > 0;
      if (single.fromHost && walks.some((walk) => walk.verdict === 'reject')) looped += 1;
      else if (wrong.length > 0) {
        const said = wrong.map((rule) => `${label(rule)} ${rule.text} counted ${rule.counter?.packets}`);
        failures.push(`${number} ${single.backend} ${JSON.stringify(single.packet)}: ${said.join('\n   ')}`);
      } else if (open.length > 0) unknown += 1;
      else if (cameOut !== leaves)
        failures.push(`${number} ${single.backend}: ${cameOut ? 'came' : 'did not come'} out`);
      else compared += 1;
    }
    expect(failures.join('\n')).toBe('');
    expect(compared + unknown + looped).toBe(COUNT);
    expect(compared).toBeGreaterThan(0.8 * COUNT);
  });
});
