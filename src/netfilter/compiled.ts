import { compileArptablesRule } from './frame/compile-arptables.js';
import { compileEbtablesRule } from './frame/compile-ebtables.js';
import { compileIptablesRule } from './iptables/compile.js';
import { compileNftRule } from './nft/compile.js';
import { decideStep, type Step } from './program.js';
import type { Chain, ChainRef, LoadedRule, NetfilterState } from './state.js';
import { chainKey, tableKey } from './state.js';
import type { RuleRef } from './types.js';

/** A rule ready to run. */
export interface CompiledRule {
  readonly ref: RuleRef;
  readonly steps: readonly Step[];
}

const compiled = new WeakMap<Chain, readonly CompiledRule[]>();

/** The chain's rules, compiled when a packet first meets it: most chains of a large ruleset are never met. */
export const compiledRules = (state: NetfilterState, chain: Chain): readonly CompiledRule[] => {
  const before = compiled.get(chain);
  if (before !== undefined) return before;
  const rules = chain.rules.map((rule) => ({ ref: rule.ref, steps: compileRule(state, chain.ref, rule) }));
  compiled.set(chain, rules);
  return rules;
};

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
