import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isPolicy, predictedDrops, samePolicyDrops } from '../support/hooks.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject } from '../support/proofs.js';

export const nfForwardNoReturnRule = defineCheck({
  meta: {
    id: 'nf-forward-no-return-rule',
    code: 'V4002',
    title: 'the FORWARD rules accept the replies',
    covers: ['nf-forward-no-return-rule'],
    inbound: 'also',
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (conntrack)'],
  },
  page: {
    meaning:
      'FORWARD accepts the request, but nothing accepts the reply of that connection, and the chain ends in policy DROP.',
    path: 'reply: uplink -> PREROUTING (translated back) -> route look-up -> FORWARD: past all rules, policy DROP.',
    decided:
      'The reply is seen on the uplink and not on the bridge; the walk accepts the request and ends at the policy for the reply; the policy counter moves.',
    byHand: ['iptables -nvxL FORWARD', 'conntrack -L -s CONTAINER-ADDRESS'],
    origins: ['a hand-written accept for one direction', 'a firewall manager that removed the conntrack rule'],
    fixes: [
      'iptables -I FORWARD -o BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT: only answers to what containers began',
    ],
    prevention: 'Write the pair: out, and established back in.',
    lab: 'nf-forward-no-return-rule',
  },
  run(_artifacts, context) {
    if (context.path.routers.length === 0) return notApplicable('nothing is forwarded on this path');
    const drop = predictedDrops(context, 'outside-container').find(
      ({ rule, step, hook }) =>
        isPolicy(rule) && step.way === 'return' && hook === 'forward' && !samePolicyDrops(context, rule, 'forward'),
    );
    if (
      predictedDrops(context, 'outside-container').some(
        ({ rule, hook }) => isPolicy(rule) && hook === 'forward' && samePolicyDrops(context, rule, 'forward'),
      )
    )
      return notApplicable('the policy drops the request already');
    if (!drop) return pass('no FORWARD policy drops the reply');
    const { step, rule } = drop;
    return fail({
      cause: 'nf-forward-no-return-rule',
      title: `${rule.chain} accepts the request but drops the reply by policy`,
      place: {
        link: step.link,
        stage: 'forward',
        way: 'return',
        netns: step.netns,
        object: ruleObject(rule),
      },
      loses: [{ link: step.link, way: 'return' }],
      proof: [
        {
          kind: 'read',
          text: `${ruleName(rule)}: ${rule.text}; no rule accepts established connections`,
          command: inside(context.netns(step.netns), listCommand(rule)),
        },
        ...ruleCountedProof(context, step.netns, rule),
      ],
      remedies: [
        acceptRemedy(
          context,
          step.netns,
          rule,
          [step.detail.packet],
          'accept the replies of connections that containers began',
        ),
      ],
    });
  },
});
