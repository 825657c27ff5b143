import { compileArptablesRule } from './frame/compile-arptables.js';
import { compileEbtablesRule } from './frame/compile-ebtables.js';
import { compileIptablesRule } from './iptables/compile.js';
import { compileNftRule } from './nft/compile.js';
import { decideStep, type Step } from './program.js';
import type { Chain, ChainRef, LoadedRule, NetfilterState } from './state.js';
import { chainKey, tableKey } from './state.js';
import type { HookPacket, RuleRef } from './types.js';

/** A rule ready to run. */
export interface CompiledRule {
  readonly ref: RuleRef;
  readonly steps: readonly Step[];
  /** Whether the packet surely has not the addresses that the rule begins with. */
  misses?(packet: HookPacket): boolean;
}

const compiled = new WeakMap<Chain, readonly CompiledRule[]>();

/** The chain's rules, compiled when a packet first meets it: most chains of a large ruleset are never met. */
export const compiledRules = (state: NetfilterState, chain: Chain): readonly CompiledRule[] => {
  const before = compiled.get(chain);
  if (before !== undefined) return before;
  const { lazy } = chain;
  const rules =
    lazy === undefined
      ? chain.rules.map((rule) => readyRule(state, chain, rule))
      : Array.from(
          { length: lazy.length },
          (_, index) => new LazyRule(lazy.text(index) ?? '', () => readyRule(state, chain, lazy.load(index))),
        );
  compiled.set(chain, rules);
  return rules;
};

const readyRule = (state: NetfilterState, { ref }: Chain, rule: LoadedRule): CompiledRule => ({
  ref: rule.ref,
  steps: compileRule(state, ref, rule),
});

const HOSTS = /^-A \S+(?: -s (\d+\.\d+\.\d+\.\d+)\/32)?(?: -d (\d+\.\d+\.\d+\.\d+)\/32)?(?: |$)/;
const PLAIN_ADDRESS = /^(?:(?:0|[1-9]\d*)\.){3}(?:0|[1-9]\d*)$/;

const asked = { address: '', isPlain: false };

/** Whether an address has the one spelling that iptables gives it. Thousands of rules ask it of the same one in a row. */
const isPlain = (address: string): boolean => {
  if (asked.address !== address) Object.assign(asked, { address, isPlain: PLAIN_ADDRESS.test(address) });
  return asked.isPlain;
};

/**
 * A rule of iptables that is compiled when a packet first gets past the one address that it begins with. A chain may have a
 * rule for each of thousands of services, and a packet is for one.
 */
class LazyRule implements CompiledRule {
  readonly #source: string | undefined;
  readonly #destination: string | undefined;
  readonly #make: () => CompiledRule;
  #made: CompiledRule | null = null;

  constructor(text: string, make: () => CompiledRule) {
    const [, source, destination] = HOSTS.exec(text) ?? [];
    this.#source = source;
    this.#destination = destination;
    this.#make = make;
  }

  misses({ source, destination }: HookPacket): boolean {
    return (
      (this.#destination !== undefined && this.#destination !== destination && isPlain(destination)) ||
      (this.#source !== undefined && this.#source !== source && isPlain(source))
    );
  }

  get ref(): RuleRef {
    return this.#ready().ref;
  }

  get steps(): readonly Step[] {
    return this.#ready().steps;
  }

  #ready(): CompiledRule {
    this.#made ??= this.#make();
    return this.#made;
  }
}

const compileRule = (
  state: NetfilterState,
  { backend, family, table }: ChainRef,
  rule: LoadedRule,
): readonly Step[] => {
  const { source } = rule;
  if (source.kind === 'nft') {
    return compileNftRule(source.rule, state.sets.get(tableKey(family, table)) ?? new Map());
  }
  if (source.kind === 'policy') return [decideStep({ kind: source.verdict })];
  const { target } = source.rule;
  const jumps = target !== null && state.chains.has(chainKey({ backend, family, table, chain: target.name }));
  if (source.kind === 'ebtables') return compileEbtablesRule(source.rule, jumps);
  if (source.kind === 'arptables') return compileArptablesRule(source.rule, jumps);
  return compileIptablesRule(source.rule, family === 'ip6' ? 6 : 4, jumps);
};
