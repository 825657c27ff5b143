import type { FrameChain, FrameDump, FrameRule, FrameTable } from '../../parse/frame-save.js';
import { policyRef } from '../from-iptables.js';
import type { Chain, ChainBase, ChainRef, LoadedRule } from '../state.js';
import type { Backend, RuleRef } from '../types.js';

type Tool = 'ebtables' | 'arptables';

/** Hook and priority of each built-in chain. @see NF_BR_PRI_* in include/uapi/linux/netfilter_bridge.h */
const BUILT_IN: Readonly<Record<string, readonly [hook: string, priority: number]>> = {
  'ebtables broute BROUTING': ['prerouting', -2_147_483_648],
  'ebtables nat PREROUTING': ['prerouting', -300],
  'ebtables nat OUTPUT': ['output', 100],
  'ebtables nat POSTROUTING': ['postrouting', 300],
  'ebtables filter INPUT': ['input', -200],
  'ebtables filter FORWARD': ['forward', -200],
  'ebtables filter OUTPUT': ['output', 200],
  'arptables filter INPUT': ['input', 0],
  'arptables filter OUTPUT': ['output', 0],
  'arptables filter FORWARD': ['forward', 0],
};

const FAMILY = { ebtables: 'bridge', arptables: 'arp' } as const;

/** The chains of a dump of ebtables-save or arptables-save as chains to be walked. */
export const frameChains = (dump: FrameDump, tool: Tool, backend: Backend): readonly Chain[] =>
  dump.tables.flatMap((table) => table.chains.map((chain) => chainOf(chain, table, tool, backend)));

const chainOf = (chain: FrameChain, table: FrameTable, tool: Tool, backend: Backend): Chain => {
  const ref: ChainRef = { backend, family: FAMILY[tool], table: table.name, chain: chain.name };
  const rules = table.rules
    .filter((rule) => rule.chain === chain.name)
    .map((rule, index) => ruleOf(rule, tool, ref, index + 1));
  const base = baseOf(chain, tool, ref);
  // nft shows the policy of a user chain as one more rule, and the dump then does not stand for the chain.
  const end = base === null && backend === 'legacy' ? endOf(chain, ref) : [];
  return { ref, base, rules: [...rules, ...end], order: -1 };
};

const baseOf = (chain: FrameChain, tool: Tool, ref: ChainRef): ChainBase | null => {
  const key = `${tool} ${ref.table} ${chain.name}`;
  const place = Object.hasOwn(BUILT_IN, key) ? BUILT_IN[key] : undefined;
  if (place === undefined) return null;
  const [hook, priority] = place;
  const isDrop = chain.policy === 'DROP';
  const policy = isDrop ? 'drop' : 'accept';
  return { type: 'filter', hook, priority, policy, policyRef: policyRef(ref, isDrop, chain.counter) };
};

/** A user chain of ebtables ends in its own policy. */
const endOf = ({ policy, counter }: FrameChain, ref: ChainRef): readonly LoadedRule[] => {
  const verdict = policy.toLowerCase();
  if (verdict !== 'accept' && verdict !== 'drop' && verdict !== 'return') return [];
  return [
    {
      ref: { ...policyRef(ref, verdict === 'drop', counter), text: `policy ${policy}`, target: policy },
      source: { kind: 'policy', verdict },
    },
  ];
};

const ruleOf = (rule: FrameRule, tool: Tool, ref: ChainRef, index: number): LoadedRule => {
  const made: RuleRef = {
    ...ref,
    index,
    handle: null,
    text: rule.text,
    target: rule.target?.name ?? '',
    rejectWith: null,
    counter: rule.counter,
    comment: null,
  };
  return { ref: made, source: tool === 'ebtables' ? { kind: tool, rule } : { kind: tool, rule } };
};
