import type { Family } from '../model/flow.js';
import type { IptablesChain, IptablesDump, IptablesRule } from '../parse/iptables-save.js';
import { LazyChain } from './lazy-chain.js';
import type { Chain, ChainBase, ChainRef, LazyRules, LoadedRule, RuleSource } from './state.js';
import type { Backend, RuleRef } from './types.js';

const HOOKS: Readonly<Record<string, string>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const NAT_PRIORITIES: Readonly<Record<string, number>> = {
  PREROUTING: -100,
  OUTPUT: -100,
  INPUT: 100,
  POSTROUTING: 100,
};

/** The chains of an iptables-save dump as chains to be walked. */
export const iptablesChains = (dump: IptablesDump, backend: Backend, family: Family): readonly Chain[] =>
  dump.tables.flatMap((table) =>
    table.chains.map((chain) => {
      const ref: ChainRef = { backend, family: family === 4 ? 'ip' : 'ip6', table: table.name, chain: chain.name };
      return new LazyChain(ref, baseOf(chain, ref), -1, new SavedRules(chain, ref));
    }),
  );

/** Rules as iptables-save prints them. */
class SavedRules implements LazyRules {
  readonly #chain: IptablesChain;
  readonly #ref: ChainRef;

  constructor(chain: IptablesChain, ref: ChainRef) {
    this.#chain = chain;
    this.#ref = ref;
  }

  get length(): number {
    return this.#chain.size;
  }

  text(index: number): string {
    return this.#at(index).text;
  }

  source(index: number): RuleSource {
    return { kind: 'iptables', rule: this.#at(index) };
  }

  load(index: number): LoadedRule {
    return ruleOf(this.#at(index), this.#ref, index + 1);
  }

  #at(index: number): IptablesRule {
    const rule = this.#chain.rules[index];
    if (rule === undefined) throw new RangeError(`${this.#ref.chain} has no rule ${index + 1}`);
    return rule;
  }
}

const baseOf = (chain: IptablesChain, ref: ChainRef): ChainBase | null => {
  if (chain.policy === null) return null;
  const hook = Object.hasOwn(HOOKS, chain.name) ? HOOKS[chain.name] : undefined;
  if (hook === undefined) return null;
  const priority = (ref.table === 'nat' ? NAT_PRIORITIES[chain.name] : PRIORITIES[ref.table]) ?? null;
  const type = ref.table === 'nat' ? 'nat' : 'filter';
  const isDrop = chain.policy === 'DROP';
  return { type, hook, priority, policy: isDrop ? 'drop' : 'accept', policyRef: policyRef(ref, isDrop, chain.counter) };
};

/** The policy of a base chain as a rule that a packet can meet. */
export const policyRef = (ref: ChainRef, isDrop: boolean, counter: RuleRef['counter']): RuleRef => ({
  ...ref,
  index: null,
  handle: null,
  text: isDrop ? 'policy DROP' : 'policy ACCEPT',
  target: isDrop ? 'DROP' : 'ACCEPT',
  rejectWith: null,
  counter,
  comment: null,
});

const ruleOf = (rule: IptablesRule, { backend, family, table, chain }: ChainRef, index: number): LoadedRule => ({
  ref: {
    backend,
    family,
    table,
    chain,
    index,
    handle: null,
    text: rule.text,
    target: rule.target?.name ?? '',
    rejectWith: rejectWith(rule, family),
    counter: rule.counter,
    comment: rule.comment,
  },
  source: { kind: 'iptables', rule },
});

const rejectWith = ({ target }: IptablesRule, family: string): string | null => {
  if (target?.name !== 'REJECT') return null;
  const option = target.options.find(({ name }) => name === '--reject-with')?.values[0];
  return option ?? (family === 'ip6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable');
};
