import type { Artifact } from '../model/artifact.js';
import type { Family } from '../model/flow.js';
import type { NetnsState } from '../model/state.js';
import { parseArptablesSave } from '../parse/arptables-save.js';
import { parseEbtablesSave } from '../parse/ebtables-save.js';
import type { FrameDump } from '../parse/frame-save.js';
import type { IptablesDump } from '../parse/iptables-save.js';
import { parseIptablesSave } from '../parse/iptables-save.js';
import type { NftRuleset, NftSet, NftTable } from '../parse/nft-json.js';
import { readNftRuleset } from '../parse/nft-json.js';
import { ParseError } from '../parse/parse-error.js';
import { alignTable, hasIptablesChains } from './align.js';
import { frameChains } from './frame/chains.js';
import { iptablesChains } from './from-iptables.js';
import { nftChains } from './from-nft.js';
import type { Chain, NetfilterState, UnreadRuleset } from './state.js';
import { chainKey, tableKey } from './state.js';

const loaded = new WeakMap<NetnsState, NetfilterState>();

/**
 * All rulesets of a namespace. Tables of iptables-nft come from iptables-nft-save and from nft, because each shows what
 * the other hides; legacy tables from iptables-legacy-save; all others from nft. What could not be read is in `unread`.
 * The same state object gives the same result object.
 */
export const loadNetfilter = (state: NetnsState): NetfilterState => {
  const before = loaded.get(state);
  if (before !== undefined) return before;
  const netfilter = load(state);
  loaded.set(state, netfilter);
  return netfilter;
};

type Read<T> = { readonly value: T | null; readonly unread: readonly UnreadRuleset[] };

const load = (state: NetnsState): NetfilterState => {
  const nft = read(state, 'nftables', [4, 6], readNftRuleset);
  const legacy4 = read(state, 'iptablesLegacy', [4], parseIptablesSave);
  const legacy6 = read(state, 'ip6tablesLegacy', [6], parseIptablesSave);
  const save4 = read(state, 'iptablesNft', [4], parseIptablesSave);
  const save6 = read(state, 'ip6tablesNft', [6], parseIptablesSave);
  const bridge = readFrames(state, 'ebtablesLegacy', 'bridge', parseEbtablesSave);
  const arp = readFrames(state, 'arptablesLegacy', 'arp', parseArptablesSave);
  const chains = [
    ...(bridge.value ? frameChains(bridge.value, 'ebtables', 'legacy') : []),
    ...(arp.value ? frameChains(arp.value, 'arptables', 'legacy') : []),
    ...(legacy4.value ? iptablesChains(legacy4.value, 'legacy', 4) : []),
    ...(legacy6.value ? iptablesChains(legacy6.value, 'legacy', 6) : []),
    ...nftSide(nft.value, savedChains(state, save4.value, save6.value)),
  ];
  const saves = [...save4.unread, ...save6.unread];
  const isShown = nft.value !== null;
  return {
    chains: new Map(chains.map((chain) => [chainKey(chain.ref), chain])),
    sets: nft.value === null ? new Map() : setsByTable(nft.value.sets),
    unread: [
      ...nft.unread,
      ...legacy4.unread,
      ...legacy6.unread,
      ...(isShown ? [] : saves),
      ...bridge.unread,
      ...arp.unread,
      ...unplaced(chains),
    ],
    spared: isShown ? saves : [],
  };
};

const read = <T>(
  state: NetnsState,
  artifact: 'nftables' | 'iptablesNft' | 'ip6tablesNft' | 'iptablesLegacy' | 'ip6tablesLegacy',
  families: readonly Family[],
  parse: (text: string) => T,
): Read<T> => {
  const dump: Artifact<string> = state[artifact];
  const unread = (because: string): Read<T> => ({ value: null, unread: [{ artifact, families, because }] });
  if (!dump.ok) return unread(`the ${NAMES[artifact]} rules were not read: ${dump.message}`);
  try {
    return { value: parse(dump.value), unread: [] };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return unread(`the ${NAMES[artifact]} rules were not understood: ${error.message}`);
  }
};

/** Rules of a tool that may be absent from the state: runs of earlier versions did not read it. */
const readFrames = (
  state: NetnsState,
  artifact: 'ebtablesLegacy' | 'arptablesLegacy' | 'ebtablesNft' | 'arptablesNft',
  layer: 'bridge' | 'arp',
  parse: (text: string) => FrameDump,
): Read<FrameDump> => {
  const dump = state[artifact];
  if (dump === undefined || (!dump.ok && dump.reason === 'not-collected')) return { value: null, unread: [] };
  const unread = (because: string): Read<FrameDump> => ({
    value: null,
    unread: [{ artifact, families: [4, 6], layer, because }],
  });
  if (!dump.ok) return unread(`the ${NAMES[artifact]} rules were not read: ${dump.message}`);
  try {
    return { value: parse(dump.value), unread: [] };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return unread(`the ${NAMES[artifact]} rules were not understood: ${error.message}`);
  }
};

/** What the programs of the nft back-end show of the tables that are theirs. */
const savedChains = (state: NetnsState, save4: IptablesDump | null, save6: IptablesDump | null): readonly Chain[] => {
  const bridge = readFrames(state, 'ebtablesNft', 'bridge', parseEbtablesSave).value;
  const arp = readFrames(state, 'arptablesNft', 'arp', parseArptablesSave).value;
  return [
    ...(save4 ? iptablesChains(save4, 'nft', 4) : []),
    ...(save6 ? iptablesChains(save6, 'nft', 6) : []),
    ...(bridge ? frameChains(bridge, 'ebtables', 'nft') : []),
    ...(arp ? frameChains(arp, 'arptables', 'nft') : []),
  ];
};

const NAMES: Readonly<Record<string, string>> = {
  nftables: 'nftables',
  iptablesNft: 'iptables-nft',
  ip6tablesNft: 'ip6tables-nft',
  iptablesLegacy: 'iptables-legacy',
  ip6tablesLegacy: 'ip6tables-legacy',
  ebtablesLegacy: 'ebtables-legacy',
  arptablesLegacy: 'arptables-legacy',
  ebtablesNft: 'ebtables-nft',
  arptablesNft: 'arptables-nft',
};

/** Tables that iptables-nft, ebtables-nft and arptables-nft own by name. */
const IPTABLES_TABLES: Readonly<Record<string, readonly string[]>> = {
  ip: ['raw', 'mangle', 'nat', 'filter', 'security'],
  ip6: ['raw', 'mangle', 'nat', 'filter', 'security'],
  bridge: ['filter', 'nat', 'broute'],
  arp: ['filter'],
};

const nftSide = (nft: NftRuleset | null, saves: readonly Chain[]): readonly Chain[] => {
  if (nft === null) return saves;
  const isIptables = ({ family, name }: NftTable): boolean =>
    Object.hasOwn(IPTABLES_TABLES, family) && (IPTABLES_TABLES[family]?.includes(name) ?? false);
  const shared = nft.tables.filter(isIptables);
  const known = new Set(shared.map(({ family, name }) => tableKey(family, name)));
  return [
    ...nftChains(
      nft,
      nft.tables.filter((table) => !isIptables(table)),
      'nftables',
    ),
    ...shared.flatMap((table) => {
      const saved = saves.filter(({ ref }) => ref.family === table.family && ref.table === table.name);
      const chains = nft.chains.filter((chain) => chain.family === table.family && chain.table === table.name);
      return alignTable(nftChains(nft, [table], hasIptablesChains(chains, saved) ? 'nft' : 'nftables'), saved);
    }),
    ...saves.filter(({ ref }) => !known.has(tableKey(ref.family, ref.table))),
  ];
};

const setsByTable = (sets: readonly NftSet[]): ReadonlyMap<string, ReadonlyMap<string, NftSet>> => {
  const tables = new Map<string, Map<string, NftSet>>();
  for (const set of sets) {
    const key = tableKey(set.family, set.table);
    const table = tables.get(key) ?? new Map<string, NftSet>();
    tables.set(key, table.set(set.name, set));
  }
  return tables;
};

const unplaced = (chains: readonly Chain[]): readonly UnreadRuleset[] =>
  chains
    .filter(({ base }) => base !== null && base.priority === null)
    .map(({ ref }) => ({
      artifact: 'nftables',
      families: [4, 6],
      because: `the priority of chain ${ref.family} ${ref.table} ${ref.chain} is not understood`,
    }));
