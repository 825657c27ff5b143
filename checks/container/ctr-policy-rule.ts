import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, ruleCommand } from '../support/commands.js';
import { askedProof, socketErrorProof } from '../support/proofs.js';

export const ctrPolicyRule = defineCheck({
  meta: {
    id: 'ctr-policy-rule',
    code: 'V1006',
    title: 'no policy rule of the container refuses the destination',
    covers: ['ctr-policy-rule'],
    requires: ['target.rules'],
    references: ['man 8 ip-rule'],
  },
  page: {
    meaning: 'A policy rule (ip rule) inside the container refuses the packet before any route is looked up.',
    path: 'socket -> policy rules by priority: the action blackhole, unreachable or prohibit ends the look-up.',
    decided: 'The first rule that matches the packet has such an action, and the kernel answers with its error.',
    byHand: ['ip -n NETNS rule', 'ip -n NETNS route get 203.0.113.5'],
    origins: ['a VPN sidecar', 'a policy-routing script that ran in the container'],
    fixes: ['ip rule del pref N in the container', 'bring up what the rule guards'],
    prevention: 'Give such rules a selector that leaves the networks out that must stay reachable.',
    lab: 'ctr-policy-rule',
  },
  run(_artifacts, context) {
    const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'target');
    if (!route) return notApplicable("the container's rules could not be walked");
    const { answer } = route.detail;
    if (answer.decidedBy !== 'rule' || !answer.rule) return pass('no policy rule of the container refuses it');
    const { rule } = answer;
    const netns = context.netns('target');
    const link = originLink(context.path);
    return fail({
      cause: 'ctr-policy-rule',
      title: `policy rule ${rule.priority} of the container refuses ${context.flow.destination} (${rule.action})`,
      place: {
        link: link.id,
        stage: 'route',
        way: 'forward',
        netns: 'target',
        object: `ip rule pref ${rule.priority}`,
      },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        { kind: 'read', text: rule.text, command: inside(netns, ['ip', 'rule']) },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'delete that rule',
          netns: 'target',
          commands: [inside(netns, ruleCommand(rule, 'del'))],
          undo: [inside(netns, ruleCommand(rule, 'add'))],
          risk: 'medium',
          riskText: 'if it is the kill switch of a VPN, traffic will leave outside the tunnel',
        },
      ],
    });
  },
});
