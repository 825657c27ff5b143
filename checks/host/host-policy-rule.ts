import type { Finding, Proof } from '../../src/model/finding.js';
import type { PolicyRule } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { RouteOutcome } from '../../src/routing/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, ruleCommand } from '../support/commands.js';
import { deadNextHop } from '../support/next-hop.js';
import { isOwnRule, isSelective } from '../support/policy-rules.js';
import { askedProof, controlProof, unansweredProof } from '../support/proofs.js';
import { misroutedReply } from '../support/return-device.js';
import { seenErrorProof } from '../support/seen-errors.js';

/** Routes that refuse what is looked up. */
const BARRED: readonly RouteOutcome[] = ['blackhole', 'unreachable', 'prohibit'];

export const hostPolicyRule = defineCheck({
  meta: {
    id: 'host-policy-rule',
    code: 'V3006',
    title: 'no policy rule of the host leads the packets astray',
    covers: ['host-policy-rule', 'host-rule-source-table', 'host-rule-return-path', 'host-rule-fwmark'],
    requires: ['host.rules', 'host.routes', 'host.links'],
    references: ['man 8 ip-rule'],
  },
  page: {
    meaning:
      'A policy rule (ip rule) sends the packets of the container to another table, whose route is dead, or refuses them.',
    path: 'bridge -> PREROUTING (marks) -> policy rules by priority -> the table of the first rule that matches -> a next hop that does not answer.',
    decided:
      'The walk for this very packet (source, mark, interface) meets the rule, its table is not the main one, and the next hop that it names stays silent.',
    byHand: [
      'ip rule',
      'ip route get 203.0.113.5 from 192.168.0.2 iif br0',
      'ip route get 203.0.113.5',
      'ip route show table N',
    ],
    origins: [
      'a VPN client (Tailscale table 52, wg-quick table 51820)',
      'policy routing for two uplinks, one of which is gone',
      'split tunnelling by source subnet or mark',
    ],
    fixes: [
      'mend or bring up the route of that table',
      'ip rule del pref N: at once; its owner may add it again',
      'a rule before it that sends the container subnet to main',
    ],
    prevention: 'Exempt container subnets in the VPN client.',
    lab: 'host-rule-source-table',
  },
  run(artifacts, context) {
    const steps = stepsOf(context.walk, 'route').filter((step) => step.netns === 'host');
    if (steps.length === 0) return notApplicable('nothing is routed on this path');
    const refused = steps.find((step) => step.detail.answer.decidedBy === 'rule');
    if (refused?.detail.answer.rule) {
      const { rule } = refused.detail.answer;
      return fail(finding(context, rule, refused.link, refused.way, `refuses the packets (${rule.action})`, []));
    }
    const barred = steps.find(
      (step) => BARRED.includes(step.detail.answer.outcome) && isSelective(step.detail.answer.rule),
    );
    if (barred?.detail.answer.rule && barred.detail.answer.route) {
      const { rule, route } = barred.detail.answer;
      return fail(
        finding(
          context,
          rule,
          barred.link,
          barred.way,
          `leads to the route "${route.text}"`,
          seenErrorProof(context, 3),
        ),
      );
    }
    const dead = deadNextHop(context, artifacts['host.links']);
    const rule = dead?.step.detail.answer.rule ?? null;
    if (dead && isOwnRule(rule))
      return fail(
        finding(context, rule, dead.step.link, 'forward', `sends packets to ${dead.address}, which is silent`, [
          ...unansweredProof(context, dead.address),
          ...controlProof(context),
        ]),
      );
    const wrong = misroutedReply(context, artifacts['host.links']);
    const back = wrong?.step.detail.answer.rule ?? null;
    if (wrong && isOwnRule(back))
      return fail({
        ...finding(
          context,
          back,
          wrong.step.link,
          'return',
          `sends replies to ${wrong.step.detail.answer.dev ?? 'nowhere'}`,
          [],
        ),
        loses: wrong.loses,
      });
    return pass('no policy rule is in the way');
  },
});

const finding = (
  context: CheckContext,
  rule: PolicyRule,
  link: string,
  way: 'forward' | 'return',
  what: string,
  proof: readonly Proof[],
): Finding => {
  const host = context.netns('host');
  const cause =
    rule.mark !== null
      ? 'host-rule-fwmark'
      : way === 'return'
        ? 'host-rule-return-path'
        : rule.source !== null
          ? 'host-rule-source-table'
          : 'host-policy-rule';
  return {
    cause,
    title: `policy rule ${rule.priority} ${what}`,
    place: { link, stage: 'route', way, netns: 'host', object: `ip rule pref ${rule.priority}` },
    loses: [{ link, way }],
    proof: [
      { kind: 'read', text: rule.text, command: inside(host, ['ip', 'rule']) },
      ...askedProof(context, way === 'forward' ? 'route-forward' : 'route-return', 'host'),
      ...proof,
    ],
    remedies: [
      {
        kind: 'runtime',
        title: 'delete that rule',
        netns: 'host',
        commands: [ruleCommand(rule, 'del')],
        undo: [ruleCommand(rule, 'add')],
        risk: 'medium',
        riskText: 'other traffic that the rule selects changes its way too; if a VPN owns it, it will come back',
      },
    ],
  };
};
