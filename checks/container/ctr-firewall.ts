import type { Finding } from '../../src/model/finding.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isPolicy, type PredictedDrop, predictedDrops } from '../support/hooks.js';
import { listCommand, ruleCountedProof, ruleName, ruleTitle, socketErrorProof } from '../support/proofs.js';

export const ctrFirewall = defineCheck({
  meta: {
    id: 'ctr-firewall',
    code: 'V1007',
    title: "the container's own firewall lets the packets pass",
    covers: ['ctr-firewall', 'ctr-fw-output-drop', 'ctr-fw-input-drop', 'pub-ctr-fw-input'],
    inbound: 'also',
    requires: ['target.links'],
    references: ['man 8 iptables', 'man 8 nft'],
  },
  page: {
    meaning: "A firewall rule inside the container's own network namespace drops its packets; the host is innocent.",
    path: 'request: socket -> OUTPUT in the container -> eth0. Reply: eth0 -> INPUT in the container -> socket.',
    decided:
      "The walk of the container's own rules ends in a drop, and the counter of that rule moves by exactly our packets.",
    byHand: [
      'nsenter -t PID -n iptables -nvxL OUTPUT --line-numbers',
      'nsenter -t PID -n iptables -nvxL INPUT --line-numbers',
      'nsenter -t PID -n nft list ruleset',
    ],
    origins: [
      'a VPN kill switch',
      'ufw or firewalld started in the container',
      'a hardening image',
      'a service mesh sidecar',
    ],
    fixes: [
      'an accept for this traffic before the rule: at once, lost at the restart of the container',
      'the setting of the image that opens it (for example the outbound subnets of a VPN image)',
    ],
    prevention: 'One place for firewall rules: the host or the container, not both.',
    lab: 'ctr-fw-output-drop',
  },
  run(artifacts, context) {
    if (artifacts['target.links'].every((link) => link.flags.includes('LOOPBACK')))
      return notApplicable('the container has no interface');
    const [first, ...more] = predictedDrops(context, 'container').map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no rule in the container drops it');
  },
});

const finding = (context: CheckContext, { step, rule, hook }: PredictedDrop): Finding => {
  const netns = context.netns('target');
  const way = step.way;
  const { inbound } = context;
  const what = (way === 'forward') === (inbound === null) ? 'output' : 'input';
  return {
    cause: what === 'output' ? 'ctr-fw-output-drop' : inbound ? 'pub-ctr-fw-input' : 'ctr-fw-input-drop',
    title: `a firewall in the container drops the ${way === 'forward' ? 'request' : 'reply'}: ${ruleTitle(rule)}`,
    place: {
      link: step.link,
      stage: hook === 'forward' ? 'output' : hook,
      way,
      netns: 'target',
      object: `${ruleName(rule)}: ${rule.text}`,
    },
    loses: [{ link: step.link, way }],
    proof: [
      { kind: 'read', text: `${ruleName(rule)}: ${rule.text}`, command: inside(netns, listCommand(rule)) },
      ...ruleCountedProof(context, 'target', rule),
      ...socketErrorProof(context),
    ],
    remedies: [
      acceptRemedy(
        context,
        'target',
        rule,
        [step.detail.packet],
        `accept this traffic before ${isPolicy(rule) ? 'the policy' : 'that rule'}`,
      ),
    ],
    notes:
      way === 'forward'
        ? ['a dropped OUTPUT gives the application "Operation not permitted" for raw and datagram sockets']
        : ['a capture inside the container shows the reply: captures see packets before netfilter'],
  };
};
