import { chainRules } from '../../src/netfilter/rules.js';
import type { NetfilterState } from '../../src/netfilter/state.js';
import type { RuleRef } from '../../src/netfilter/types.js';

/** Programs that write the rules of chains and tables of these names anew, and keep none of anybody else's in them. */
const CHAINS: readonly (readonly [RegExp, string])[] = [
  [/^KUBE-(?:NWPLCY|POD-FW|ROUTER)/, 'kube-router'],
  [/^KUBE-/, 'kube-proxy'],
  [/^cali-/, 'Calico'],
  [/^CNI-/, 'the CNI plugin'],
  [/^(?:OLD_)?CILIUM_/, 'Cilium'],
  [/^FLANNEL-/, 'flannel'],
  [/^WEAVE/, 'Weave Net'],
  [/^AZURE-NPM/, 'Azure NPM'],
  [/^NETAVARK/, 'netavark'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^DOCKER(?!-USER$)/, 'Docker'],
];

const TABLES: readonly (readonly [RegExp, string])[] = [
  [/^kube-proxy$/, 'kube-proxy'],
  [/^calico$/, 'Calico'],
  [/^cilium$/, 'Cilium'],
  [/^kube-router/, 'kube-router'],
  [/^netavark$/, 'netavark'],
  [/^docker-bridges$/, 'Docker'],
  [/^libvirt_network$/, 'libvirt'],
];

/** The program that a rule's chain, or with nftables its table, belongs to; `null` for one that anybody may write into. */
export const programOf = ({ backend, table, chain }: Pick<RuleRef, 'backend' | 'table' | 'chain'>): string | null => {
  const [list, name] = backend === 'nftables' ? [TABLES, table] : [CHAINS, chain];
  return list.find(([pattern]) => pattern.test(name))?.[1] ?? null;
};

const BUILT_IN = ['FORWARD', 'INPUT', 'OUTPUT', 'PREROUTING', 'POSTROUTING'];

/** The chain of the kernel's own from which packets come to a rule's chain; `null` where none leads there. */
export const baseChainTo = (state: NetfilterState, rule: RuleRef): string | null => {
  const leads = (chain: string, seen: ReadonlySet<string>): boolean =>
    chain === rule.chain ||
    chainRules(state, { ...rule, chain }).some(
      ({ target }) => target !== '' && !seen.has(target) && leads(target, new Set([...seen, target])),
    );
  return BUILT_IN.find((chain) => leads(chain, new Set([chain]))) ?? null;
};
