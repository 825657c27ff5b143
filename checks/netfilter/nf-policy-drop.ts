import type { Finding } from '../../src/model/finding.js';
import { findChains, isReachable } from '../../src/netfilter/rules.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy, bothWays, iptablesFor } from '../support/accept.js';
import { inside } from '../support/commands.js';
import {
  isBridged,
  isIptablesForward,
  isPolicy,
  meetsForwardRules,
  type PredictedDrop,
  predictedDrops,
} from '../support/hooks.js';
import { managerOf, ownersWay, policyOrigin } from '../support/owners-way.js';
import { listCommand, ruleCountedProof, ruleObject } from '../support/proofs.js';

export const nfPolicyDrop = defineCheck({
  meta: {
    id: 'nf-policy-drop',
    code: 'V4001',
    title: 'the FORWARD policy does not drop the packets',
    covers: [
      'nf-policy-drop',
      'nf-forward-policy-drop',
      'nf-docker-chains-flushed',
      'ip6-ip6tables-forward-drop',
      'pub-forward-drop',
    ],
    inbound: 'also',
    requires: ['host.links'],
    references: ['man 8 iptables', 'https://docs.docker.com/engine/network/packet-filtering-firewalls/'],
  },
  page: {
    meaning: 'No rule of the FORWARD chain accepts the packet, and the chain ends in policy DROP.',
    path: 'bridge -> PREROUTING -> route look-up -> FORWARD: past all rules, policy DROP. The container sees a time-out.',
    decided:
      'The packet is seen on the bridge and not on the uplink, the walk of FORWARD ends at the policy, and its counter moves by our packets.',
    byHand: ['iptables -nvxL FORWARD', 'iptables -S FORWARD', 'nft list ruleset'],
    origins: [
      'Docker sets the policy when it turned ip_forward on itself; then a firewall reload flushed its accept rules',
      'ufw and kubeadm hardening set the policy without rules for containers',
      'iptables -F: removes the rules, keeps the policy',
    ],
    fixes: [
      'systemctl restart docker (or the owner of the rules): rebuilds its chains',
      'two accept rules for this bridge, out and established back in: one is not enough',
      'not: iptables -P FORWARD ACCEPT. It works, but opens the host as a router',
    ],
    prevention: 'Start the firewall before Docker, and reload it with a hook that restarts Docker.',
    lab: 'nf-forward-policy-drop',
  },
  run(_artifacts, context) {
    if (isBridged(context)) return notApplicable('the packets are bridged, not forwarded');
    if (!meetsForwardRules(context)) return notApplicable('no FORWARD rule is on this path');
    const drops = predictedDrops(context, 'outside-container').filter(
      ({ rule, step, hook }) =>
        isPolicy(rule) && step.way === 'forward' && hook === 'forward' && isIptablesForward(rule),
    );
    const [first, ...more] = drops.map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no FORWARD policy of iptables drops the request');
  },
});

const finding = (context: CheckContext, { step, rule }: PredictedDrop): Finding => {
  const netns = context.netns(step.netns);
  const flushed = flushedChains(context, step.netns, rule);
  const { packet } = step.detail;
  const manager = managerOf(context, step.netns, rule);
  const accept = acceptRemedy(
    context,
    step.netns,
    rule,
    bothWays(packet),
    'accept this bridge only; both rules are needed, one is not enough',
  );
  const where = `${rule.backend === 'legacy' ? 'legacy ' : ''}${rule.chain}`;
  return {
    cause:
      flushed.length > 0
        ? 'nf-docker-chains-flushed'
        : rule.family === 'ip6'
          ? 'ip6-ip6tables-forward-drop'
          : context.inbound
            ? 'pub-forward-drop'
            : 'nf-forward-policy-drop',
    title:
      flushed.length > 0
        ? `${where} drops by policy: Docker's rules are gone, policy stayed`
        : `${where} drops by policy: no rule accepts ${packet.iif} to ${packet.oif ?? 'outside'}`,
    place: {
      link: step.link,
      stage: 'forward',
      way: 'forward',
      netns: step.netns,
      object: ruleObject(rule),
    },
    loses: [{ link: step.link, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text: `${rule.family} ${rule.table} ${rule.chain}: ${rule.text}, and no rule before it matches`,
        command: inside(netns, listCommand(rule)),
      },
      ...(flushed.length > 0
        ? [
            {
              kind: 'read' as const,
              text: `no jump from ${rule.chain} to ${flushed.join(', ')}`,
              command: inside(netns, [iptablesFor(rule), '-S', rule.chain]),
            },
          ]
        : []),
      ...ruleCountedProof(context, step.netns, rule),
    ],
    remedies:
      flushed.length > 0
        ? [
            {
              kind: 'runtime',
              title: 'let Docker rebuild its rules (preferred)',
              netns: 'host',
              commands: [['systemctl', 'restart', 'docker']],
              undo: [],
              risk: 'high',
              riskText: 'all containers restart unless live-restore is on',
            },
            accept,
          ]
        : [...ownersWay(manager, packet), accept],
    ...policyOrigin(manager),
    notes: ['do not use "iptables -P FORWARD ACCEPT": it works, but opens the host as a router'],
  };
};

/** Docker's chains that exist in the table but that no base chain leads to any more. */
const flushedChains = (context: CheckContext, netns: string, rule: RuleRef): readonly string[] => {
  const state = context.netfilter(netns);
  if (!state) return [];
  const chains = findChains(
    state,
    (chain) =>
      chain.backend === rule.backend &&
      chain.family === rule.family &&
      chain.table === rule.table &&
      /^DOCKER(-|$)/.test(chain.chain),
  );
  return chains.length > 0 && chains.every((chain) => !isReachable(state, chain))
    ? chains.map((chain) => chain.chain)
    : [];
};
