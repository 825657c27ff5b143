import type { Finding } from '../../src/model/finding.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy, bothWays } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isReject, meetsHostRules, type PredictedDrop, predictedDrops } from '../support/hooks.js';
import { managerOf, ownersWay } from '../support/owners-way.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';

export const nfRuleReject = defineCheck({
  meta: {
    id: 'nf-rule-reject',
    code: 'V4004',
    title: 'no firewall rule rejects the packets',
    covers: [
      'nf-rule-reject',
      'nf-reject-host-prohibited',
      'nf-reject-port-unreachable',
      'nf-reject-tcp-reset',
      'svc-no-endpoints-reject',
    ],
    inbound: 'also',
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (REJECT)'],
  },
  page: {
    meaning:
      'A firewall rule on the host rejects the packet: it is dropped, and an ICMP error or a TCP reset goes back.',
    path: 'bridge -> PREROUTING -> route look-up -> FORWARD: REJECT. The container hears "No route to host" or "Connection refused" at once.',
    decided:
      'The walk names the rule, its counter moves, and the ICMP error comes from the host itself. The routes are fine.',
    byHand: [
      'iptables -nvxL FORWARD --line-numbers',
      'nft -a list ruleset',
      'ip route get 203.0.113.5 from 192.168.0.2 iif br0',
    ],
    origins: [
      'the final rule of firewalld or of the RHEL iptables service (host or admin prohibited)',
      'libvirt networks',
      'kube-proxy: a service without endpoints',
    ],
    fixes: [
      "firewall-cmd --zone=trusted --add-interface=BRIDGE (or the docker zone): the owner's own way",
      'an accept before the rule: lost at its next reload',
    ],
    prevention: 'Put container bridges into a zone of the firewall manager.',
    lab: 'nf-reject-host-prohibited',
  },
  run(_artifacts, context) {
    if (!meetsHostRules(context)) return notApplicable('no rule of the host is on this path');
    const [first, ...more] = predictedDrops(context, 'outside-container')
      .filter(({ rule }) => isReject(rule))
      .map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no firewall rule rejects them');
  },
});

/** kube-proxy says in the comment of its rule why it rejects. */
const isWithoutEndpoints = ({ comment }: RuleRef): boolean => comment?.endsWith('has no endpoints') ?? false;

const causeOf = (rule: RuleRef): string => {
  const kind = rule.rejectWith;
  if (isWithoutEndpoints(rule)) return 'svc-no-endpoints-reject';
  if (kind === null) return 'nf-rule-reject';
  if (kind.includes('prohibited')) return 'nf-reject-host-prohibited';
  if (kind.includes('port-unreach')) return 'nf-reject-port-unreachable';
  if (kind.includes('reset')) return 'nf-reject-tcp-reset';
  return 'nf-rule-reject';
};

const readyPod = {
  kind: 'instruction',
  title:
    'give the service a ready pod: see kubectl get endpointslices, the selector of the service and the readiness of its pods',
  netns: 'host',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'nothing is changed here',
} as const;

const finding = (context: CheckContext, { step, rule, hook }: PredictedDrop): Finding => ({
  cause: causeOf(rule),
  title: isWithoutEndpoints(rule)
    ? `${ruleTitle(rule)}: the service ${rule.comment}`
    : `${ruleTitle(rule)} rejects the ${step.way === 'forward' ? 'request' : 'reply'}${rule.rejectWith ? ` with ${rule.rejectWith}` : ''}`,
  place: {
    link: step.link,
    stage: hook,
    way: step.way,
    netns: step.netns,
    object: ruleObject(rule),
  },
  loses: [{ link: step.link, way: step.way }],
  proof: [
    {
      kind: 'read',
      text: `${ruleName(rule)}: ${rule.text}`,
      command: inside(context.netns(step.netns), listCommand(rule)),
    },
    ...ruleCountedProof(context, step.netns, rule),
    ...seenErrorProof(context, 3),
  ],
  remedies: isWithoutEndpoints(rule)
    ? [readyPod]
    : [
        ...ownersWay(managerOf(context, step.netns, rule), step.detail.packet),
        acceptRemedy(
          context,
          step.netns,
          rule,
          bothWays(step.detail.packet),
          'accept this traffic before that rule, both ways',
        ),
      ],
  notes: ['"No route to host" at once, with routes that are fine, is a firewall'],
});
