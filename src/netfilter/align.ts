import type { NftChain, NftRule } from '../parse/nft-json.js';
import { NativeRules } from './from-nft.js';
import { LazyChain } from './lazy-chain.js';
import { listOf, member, named } from './nft/json.js';
import type { Chain, ChainRef, LazyRules, LoadedRule, RuleSource } from './state.js';

/**
 * Joins the two views of a table of iptables-nft. nft shows every rule as the kernel has it, but extensions of iptables
 * by name alone; iptables-nft-save shows those in full, but silently misprints rules that nft made. So a rule without
 * extension is taken from nft and one with extension from iptables-nft-save. Where the two disagree about the number of
 * rules in a chain, nft's view stands and extensions are unknown.
 */
export const alignTable = (native: readonly Chain[], saved: readonly Chain[]): readonly Chain[] => {
  const saves = new Map(saved.map((chain) => [chain.ref.chain, chain]));
  return native.map((chain) => {
    const save = saves.get(chain.ref.chain);
    return save === undefined ? chain : alignChain(chain, save);
  });
};

const alignChain = (native: Chain, saved: Chain): Chain => {
  const base =
    native.base && saved.base
      ? { ...native.base, policyRef: { ...saved.base.policyRef, backend: native.ref.backend } }
      : native.base;
  const { ref, order, lazy } = native;
  if (lazy instanceof NativeRules && saved.lazy !== undefined) {
    const rules = lazy.length === saved.lazy.length ? new AlignedRules(lazy, saved.lazy, ref) : lazy;
    return new LazyChain(ref, base, order, rules);
  }
  const rules =
    native.rules.length === saved.rules.length
      ? native.rules.map((rule, index) => alignRule(rule, saved.rules[index] ?? rule))
      : native.rules;
  return { ref, base, order, rules };
};

/** Rules of iptables-nft as nft shows them, joined with those of iptables-nft-save. */
class AlignedRules implements LazyRules {
  readonly #native: NativeRules;
  readonly #saved: LazyRules;
  readonly #ref: ChainRef;

  constructor(native: NativeRules, saved: LazyRules, ref: ChainRef) {
    this.#native = native;
    this.#saved = saved;
    this.#ref = ref;
  }

  get length(): number {
    return this.#native.length;
  }

  text(index: number): string | null {
    return isMadeByIptables(this.#native.at(index)) ? this.#saved.text(index) : null;
  }

  source(index: number): RuleSource {
    return hasExtension(this.#native.at(index)) ? this.#saved.source(index) : this.#native.source(index);
  }

  load(index: number): LoadedRule {
    const rule = this.#native.at(index);
    if (!isMadeByIptables(rule)) return this.#native.load(index);
    const { ref } = this.#saved.load(index);
    return { ref: { ...ref, backend: this.#ref.backend, handle: rule.handle }, source: this.source(index) };
  }
}

/** A rule of ebtables or arptables; their dumps are not read again together with nft's, which has the counter. */
const alignRule = (native: LoadedRule, saved: LoadedRule): LoadedRule => {
  if (native.source.kind !== 'nft' || saved.source.kind === 'nft') return native;
  if (!isMadeByIptables(native.source.rule)) return native;
  const { backend, handle, counter } = native.ref;
  const ref = { ...saved.ref, backend, handle, counter };
  return { ref, source: hasExtension(native.source.rule) ? saved.source : native.source };
};

const hasExtension = (rule: NftRule): boolean => rule.expr.some((statement) => named(statement)?.[0] === 'xt');

/** Statements that iptables-nft makes of its own accord. */
const IPTABLES_STATEMENTS = new Set(['match', 'counter', 'xt', 'limit', 'accept', 'drop', 'return', 'jump', 'goto']);

/**
 * Whether iptables could have made the rule: it always counts, and never uses sets, maps or ranges of addresses. Only
 * then does its line in iptables-nft-save say what the rule does.
 */
const isMadeByIptables = (rule: NftRule): boolean => {
  const kinds = rule.expr.map((statement) => named(statement)?.[0] ?? '');
  if (kinds.includes('xt')) return true;
  if (!kinds.includes('counter') || kinds.some((kind) => !IPTABLES_STATEMENTS.has(kind))) return false;
  return rule.expr.every((statement) => isPlain(member(member(statement, 'match'), 'right')));
};

const isPlain = (right: unknown): boolean => {
  if (typeof right === 'string') return !right.startsWith('@');
  const [kind, body] = named(right) ?? [];
  if (kind === 'set' || kind === 'concat') return false;
  return kind !== 'range' || listOf(body).every((end) => typeof end === 'number');
};

/** Whether the base chains of a table are those of iptables, so that its rules can be changed by iptables. */
export const hasIptablesChains = (native: readonly NftChain[], saved: readonly Chain[]): boolean => {
  const shown = new Set(saved.filter((chain) => chain.base !== null).map((chain) => chain.ref.chain));
  return saved.length > 0 && native.every((chain) => chain.base === null || shown.has(chain.name));
};
