import type { Limit } from '../model/evidence.js';
import type { Family } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { NetnsState } from '../model/state.js';
import { loadNetfilter } from '../netfilter/load.js';
import { type Chain, servesFamily } from '../netfilter/state.js';

/**
 * The namespaces whose rules of iptables-legacy a trace of the rules does not tell of: the mark is one of nf_tables, and the
 * tables of the legacy back-end never look at it.
 * @see nft(8), "meta nftrace"
 */
export const untracedRules = (
  netns: readonly Pick<NetnsRef, 'id' | 'name'>[],
  states: Readonly<Record<NetnsId, NetnsState>>,
  family: Family,
): readonly Limit[] =>
  netns.flatMap(({ id, name }) => {
    const state = states[id];
    const chains = state ? [...loadNetfilter(state).chains.values()] : [];
    const decides = chains.filter(({ ref }) => ref.backend === 'legacy' && servesFamily(ref.family, family));
    const [rules, tables] = [decides.reduce((sum, chain) => sum + ruleCount(chain), 0), tablesOf(decides)];
    if (rules === 0 && decides.every(({ base }) => base?.policy !== 'drop')) return [];
    const what = `trace of the rules in ${name}`;
    const count = rules === 0 ? 'a policy that drops' : `${rules} ${rules === 1 ? 'rule' : 'rules'}`;
    return [
      { what, why: `nft trace does not see iptables-legacy, which has ${count} here (${tables})`, install: null },
    ];
  });

const ruleCount = ({ lazy, rules }: Chain): number => lazy?.length ?? rules.length;

/** Tables that decide something, once each. */
const tablesOf = (chains: readonly Chain[]): string =>
  [
    ...new Set(
      chains.flatMap((chain) => (ruleCount(chain) > 0 || chain.base?.policy === 'drop' ? [chain.ref.table] : [])),
    ),
  ]
    .sort()
    .join(', ');
