import type { Origin, Remedy } from '../../src/model/finding.js';
import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import type { CheckContext } from '../define-check.js';

/** A firewall manager that a rule or policy belongs to. */
export type Manager = 'firewalld' | 'ufw';

/**
 * The manager whose rule this is: by the name of its table or chain. A policy of FORWARD is that of ufw where the chain leads
 * to ufw's.
 */
export const managerOf = (context: CheckContext, netns: string, rule: RuleRef): Manager | null => {
  if (rule.table === 'firewalld' || /^(FWD[IO]?|FORWARD)_\w/.test(rule.chain)) return 'firewalld';
  if (/^ufw6?-/.test(rule.chain)) return 'ufw';
  const state = context.netfilter(netns);
  if (state === null || rule.index !== null) return null;
  const isSame = (chain: Pick<RuleRef, 'backend' | 'family' | 'table' | 'chain'>): boolean =>
    chain.backend === rule.backend && chain.family === rule.family && chain.table === rule.table;
  const own = findChains(state, (chain) => isSame(chain) && chain.chain === rule.chain);
  return own.some((chain) => chainRules(state, chain).some(({ target }) => /^ufw6?-/.test(target))) ? 'ufw' : null;
};

/** The manager as the origin of a policy, whose chain has no name of its. */
export const policyOrigin = (manager: Manager | null): { readonly origin?: Origin } =>
  manager === 'ufw' ? { origin: { owner: 'ufw' } } : {};

/**
 * What the manager itself offers to let a forwarded request pass; none for replies, which it accepts by itself, and for
 * packets that are not forwarded. It is first among the remedies, since the manager's next reload keeps it.
 */
export const ownersWay = (
  manager: Manager | null,
  { iif, oif, connectionDirection }: HookPacket,
): readonly Remedy[] => {
  if (manager === null || iif === null || oif === null || connectionDirection === 'reply') return [];
  return [manager === 'ufw' ? byUfw(iif, oif) : byFirewalld(iif)];
};

const byUfw = (iif: string, oif: string): Remedy => {
  const rule = ['allow', 'in', 'on', iif, 'out', 'on', oif];
  return {
    kind: 'runtime',
    title: `let ufw route from ${iif} to ${oif}: its own way`,
    netns: 'host',
    commands: [['ufw', 'route', ...rule]],
    undo: [['ufw', 'route', 'delete', ...rule]],
    risk: 'low',
    riskText: `everything from ${iif} may leave by ${oif}; ufw keeps it over a restart`,
  };
};

const byFirewalld = (iif: string): Remedy => ({
  kind: 'runtime',
  title: `put ${iif} into firewalld's zone trusted: its own way`,
  netns: 'host',
  commands: [['firewall-cmd', '--zone=trusted', `--add-interface=${iif}`]],
  undo: [['firewall-cmd', '--zone=trusted', `--remove-interface=${iif}`]],
  risk: 'medium',
  riskText: `everything from ${iif} may pass, to this host too; lost at its next reload unless --permanent is added`,
});
