import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.js';
import type { Artifact } from '../../src/model/artifact.js';
import type { NetnsState } from '../../src/model/state.js';
import { placedChains } from '../../src/netfilter/base-chains.js';
import { chainsFrom } from '../../src/netfilter/jumps.js';
import { loadNetfilter } from '../../src/netfilter/load.js';
import type { NetfilterState } from '../../src/netfilter/state.js';
import type { AnyHook, Hook, HookWalk, Layer, RuleRef } from '../../src/netfilter/types.js';
import { parseBridgeFdb } from '../../src/parse/bridge-fdb.js';
import { parseBridgeLink } from '../../src/parse/bridge-link.js';
import { parseIpAddress } from '../../src/parse/ip-address.js';
import { parseIpLink } from '../../src/parse/ip-link.js';
import { parseIpRoute } from '../../src/parse/ip-route.js';
import { parseIpRule } from '../../src/parse/ip-rule.js';
import { parseNftChains, withDevices } from '../../src/parse/nft-chains.js';
import { parseSysctls } from '../../src/parse/sysctl.js';
import { netnsState } from '../unit/netfilter/helpers/state.js';
import { type Prediction, predict } from './predict.js';
import type { TestCase } from './random-case.js';
import { parseArrival } from './world.js';

const read = <T>(value: T): Artifact<T> => ({ ok: true, value, command: ['conformance'], ms: 0 });

export type Text = (name: string) => string;

/** The part of the state that a case may have taken over from the one before. */
export const networkState = (text: Text): Partial<NetnsState> => ({
  routes: read(parseIpRoute(text('routes'))),
  rules: read([...parseIpRule(text('rules'), 4), ...parseIpRule(text('rules6'), 6)]),
  links: read(parseIpLink(text('links'))),
  addresses: read(parseIpAddress(text('addresses'))),
  bridgePorts: read(parseBridgeLink(text('ports'))),
  fdb: read(parseBridgeFdb(text('fdb'))),
  sysctls: read(parseSysctls(text('sysctls'))),
  ipsets: read(text('ipsets')),
});

export const caseState = (text: Text, network: Partial<NetnsState>): NetnsState => ({
  ...netnsState({
    iptablesLegacy: text('legacy'),
    ip6tablesLegacy: text('legacy6'),
    iptablesNft: text('nft'),
    ip6tablesNft: text('nft6'),
    nftables: withDevices(text('json'), parseNftChains(text('chains'))),
  }),
  ebtablesNft: read(text('ebtables')),
  ...network,
});

/** Builds the world, plays all cases in it, and leaves what was seen in their folders. */
export const playCases = async (directory: string, cases: readonly TestCase[]): Promise<void> => {
  for (const [number, one] of cases.entries()) {
    mkdirSync(join(directory, String(number)));
    writeFileSync(join(directory, String(number), 'case.json'), JSON.stringify(one));
  }
  const script = new URL('./world.sh', import.meta.url).pathname;
  const argv = ['unshare', '-n', '-m', '-p', '--fork', '--kill-child', 'bash', script, directory, String(cases.length)];
  const result = await runCommand(argv, { timeoutMs: 60_000 + 2_000 * cases.length });
  if (result.failure !== null) throw new Error(`${result.failure}: ${result.stderr}`);
};

const label = ({ backend, family, table, chain, index }: RuleRef): string =>
  `${backend} ${family} ${table} ${chain} ${index ?? 'policy'}`;

const rulesAt = (state: NetfilterState, hook: AnyHook, layer: Layer = 'ip'): readonly RuleRef[] => {
  const bases = placedChains(state, hook, layer).map(({ chain }) => chain);
  const rules = [...chainsFrom(state, bases).values()].flatMap(({ rules: own }) => own.map(({ ref }) => ref));
  const policies = bases.flatMap(({ base, ref }) => (base && ref.backend === 'legacy' ? [base.policyRef] : []));
  return [...rules, ...policies].filter((rule) => rule.counter !== null);
};

const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Matches whose counters nobody can foresee, even where they make no difference. */
const UNKNOWABLE = /limit|statistic|numgen|recent|xt (?:match|target)/;

/** How often each rule is met. */
const countsOf = (walks: readonly HookWalk<AnyHook>[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { met, counted = [] } of walks)
    for (const rule of [...met, ...counted]) counts.set(label(rule), (counts.get(label(rule)) ?? 0) + 1);
  return counts;
};

/** Rules whose counters are not what the walks say. */
const wrongCounters = (state: NetfilterState, predictions: readonly Prediction[]): readonly string[] => {
  const expected = countsOf(predictions.flatMap(({ walks }) => walks));
  const besides = countsOf(predictions.flatMap(({ possible }) => possible));
  const isOpen = predictions.some(({ undecided }) => undecided !== null);
  const hasUnknowable = HOOKS.some((hook) => rulesAt(state, hook).some(({ text }) => UNKNOWABLE.test(text)));
  const spoiled = new Set(predictions.flatMap((prediction) => prediction.spoiled));
  const everywhere = [
    ...HOOKS.map((hook) => ({ hook, layer: 'ip' as const })),
    ...HOOKS.map((hook) => ({ hook, layer: 'bridge' as const })),
    ...(['ingress', 'egress'] as const).map((hook) => ({ hook, layer: 'netdev' as const })),
  ];
  const met = everywhere.flatMap(({ hook, layer }) =>
    rulesAt(state, hook, layer).map((rule) => ({ hook, layer, rule })),
  );
  return met.flatMap(({ hook, layer, rule }) => {
    const [want, is] = [expected.get(label(rule)) ?? 0, rule.counter?.packets ?? 0];
    const isSpoiled = layer === 'ip' ? spoiled.has(hook as Hook) : spoiled.size > 0;
    const most = isOpen || hasUnknowable || isSpoiled ? Infinity : want + (besides.get(label(rule)) ?? 0);
    const fits = is >= want && is <= most;
    return fits ? [] : [`${hook} ${label(rule)} ${rule.text}: counted ${is}, predicted ${want} to ${most}`];
  });
};

export interface Compared {
  readonly failures: readonly string[];
  readonly predictions: readonly Prediction[];
}

/** Compares one case with what the kernel did. */
export const compareCase = (one: TestCase, text: Text, network: Partial<NetnsState>): Compared => {
  const errors = text('errors');
  if (errors !== '') return { failures: [`not loaded: ${errors}`], predictions: [] };
  const state = caseState(text, network);
  const predictions = one.packets.map((packet) => predict(state, packet));
  const seen = text('seen')
    .split('\n')
    .flatMap((line) => parseArrival(line) ?? []);
  const failures = one.packets.flatMap((packet, index) => {
    const prediction = predictions[index];
    if (prediction === undefined || prediction.undecided !== null) return [];
    const here = seen.filter(({ identifier }) => identifier === packet.sourcePort).map((arrival) => arrival.text);
    const [is, want] = [here.sort().join(', '), [...prediction.arrivals].sort().join(', ')];
    return is === want
      ? []
      : [`${JSON.stringify(packet)}\n   arrived  [${is}]\n   expected [${want}] ${prediction.lost ?? ''}`];
  });
  return { failures: [...failures, ...wrongCounters(loadNetfilter(state), predictions)], predictions };
};

export const readerOf =
  (folder: string): Text =>
  (name) =>
    readFileSync(join(folder, name), 'utf8');
