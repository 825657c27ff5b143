import type { Family } from '../model/flow.js';
import type { ArtifactName } from '../model/state.js';
import type { FrameRule } from '../parse/frame-save.js';
import type { IptablesRule } from '../parse/iptables-save.js';
import type { NftRule, NftSet } from '../parse/nft-json.js';
import type { Backend, HookPacket, Layer, RuleRef } from './types.js';

/** A chain, named as its own tool names it. */
export interface ChainRef {
  readonly backend: Backend;
  /** `ip`, `ip6`, `inet`, `netdev`, `bridge`, `arp`. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** Where a base chain is attached. */
export interface ChainBase {
  readonly type: string;
  /** One of `Hook`, or `ingress`, `egress`. */
  readonly hook: string;
  /** `null` when the dump names a priority that nobody knows. */
  readonly priority: number | null;
  readonly policy: 'accept' | 'drop';
  /** Devices that a chain of a device hook is bound to; absent where the dump does not say. */
  readonly devices?: readonly string[];
  /** The policy as a rule that can be met; iptables counts it. */
  readonly policyRef: RuleRef;
}

/** The rule as a tool showed it. */
export type RuleSource =
  | { readonly kind: 'iptables'; readonly rule: IptablesRule }
  | { readonly kind: 'nft'; readonly rule: NftRule }
  | { readonly kind: 'ebtables'; readonly rule: FrameRule }
  | { readonly kind: 'arptables'; readonly rule: FrameRule }
  /** What a user chain of ebtables does with what comes to its end. */
  | { readonly kind: 'policy'; readonly verdict: 'accept' | 'drop' | 'return' };

export interface LoadedRule {
  readonly ref: RuleRef;
  readonly source: RuleSource;
}

/** The rules of a chain before they are loaded: of a large ruleset a packet meets few. An index counts from 0. */
export interface LazyRules {
  readonly length: number;
  /** The rule as iptables-save prints it, where that says all it does; else `null`. */
  text(index: number): string | null;
  source(index: number): RuleSource;
  load(index: number): LoadedRule;
}

export interface Chain {
  readonly ref: ChainRef;
  readonly base: ChainBase | null;
  readonly rules: readonly LoadedRule[];
  /** The same before they are loaded, where `rules` are all made when first asked for. */
  readonly lazy?: LazyRules;
  /** Rank of the table's creation, where known: the later one runs first at equal priority. */
  readonly order: number;
}

/** A ruleset that could not be read. It is not taken for empty. */
export interface UnreadRuleset {
  readonly artifact: ArtifactName;
  readonly families: readonly Family[];
  /** @default 'ip' */
  readonly layer?: Layer;
  readonly because: string;
}

/** Everything netfilter in one network namespace. Opaque to callers: ask `rules.ts`, `counters.ts`, `walk-hook.ts`. */
export interface NetfilterState {
  /** By `chainKey`. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Named sets and maps, by `tableKey`. */
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, NftSet>>;
  readonly unread: readonly UnreadRuleset[];
  /** Dumps that could not be read although another one shows the same rules; `unread` does not list them. */
  readonly spared?: readonly UnreadRuleset[];
}

/** No name that a kernel knows holds a NUL. */
export const chainKey = ({ backend, family, table, chain }: ChainRef): string =>
  `${backend}\0${family}\0${table}\0${chain}`;

export const tableKey = (family: string, table: string): string => `${family}\0${table}`;

/** Families of IP packets that the chains of an nft family see. */
export const servesFamily = (chainFamily: string, family: Family): boolean =>
  chainFamily === 'inet' || chainFamily === (family === 4 ? 'ip' : 'ip6');

/** Whether a base chain sees the packet at a hook of the layer, or may where its devices are not known. */
export const servesPacket = ({ ref, base }: Chain, layer: Layer, { family, iif, oif }: HookPacket): boolean => {
  if (layer === 'ip') return servesFamily(ref.family, family);
  if (layer !== 'netdev') return true;
  const device = base?.hook === 'egress' ? oif : iif;
  return device !== null && (base?.devices?.includes(device) ?? true);
};
