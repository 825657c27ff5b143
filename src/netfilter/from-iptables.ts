import type { Family } from '../model/flow.js';
import type { IptablesChain, IptablesDump, IptablesRule } from '../parse/iptables-save.js';
import type { Chain, ChainBase, ChainRef, LoadedRule } from './state.js';
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
  dump.tables.flatMap((table) => {
    const byChain = grouped(table.rules);
    return table.chains.map(
      (chain) =>
        new SavedChain(chain, byChain.get(chain.name) ?? [], {
          backend,
          family: family === 4 ? 'ip' : 'ip6',
          table: table.name,
          chain: chain.name,
        }),
    );
  });

const grouped = (rules: readonly IptablesRule[]): Map<string, IptablesRule[]> => {
  const groups = new Map<string, IptablesRule[]>();
  for (const rule of rules) {
    const group = groups.get(rule.chain);
    if (group === undefined) groups.set(rule.chain, [rule]);
    else group.push(rule);
  }
  return groups;
};

/** A chain whose rules are loaded when a packet first comes to it, or somebody looks at it. */
class SavedChain implements Chain {
  readonly order = -1;
  readonly ref: ChainRef;
  readonly base: ChainBase | null;
  readonly saved: readonly IptablesRule[];
  #rules: readonly LoadedRule[] | null = null;

  constructor(chain: IptablesChain, saved: readonly IptablesRule[], ref: ChainRef) {
    this.ref = ref;
    this.base = baseOf(chain, ref);
    this.saved = saved;
  }

  get rules(): readonly LoadedRule[] {
    this.#rules ??= this.saved.map((rule, index) => savedRule(rule, this.ref, index + 1));
    return this.#rules;
  }
}

const baseOf = (chain: IptablesChain, ref: ChainRef): ChainBase | null => {
  const hook = Object.hasOwn(HOOKS, chain.name) ? HOOKS[chain.name] : undefined;
  if (chain.policy === null || hook === undefined) return null;
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

/** A rule of iptables-save as the walk has it. @param index 1-based number in its chain */
export const savedRule = (
  rule: IptablesRule,
  { backend, family, table, chain }: ChainRef,
  index: number,
): LoadedRule => ({
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
