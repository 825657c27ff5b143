import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy, bothWays } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { meetsHostRules } from '../support/hooks.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

export const nfNfqueueNoListener = defineCheck({
  meta: {
    id: 'nf-nfqueue-no-listener',
    code: 'V4005',
    title: 'no rule queues the packets for a program that is not there',
    covers: ['nf-nfqueue-no-listener'],
    inbound: 'also',
    requires: ['host.links'],
    references: [
      'man 8 iptables-extensions (NFQUEUE)',
      'https://wiki.nftables.org/wiki-nftables/index.php/Queueing_to_userspace',
    ],
  },
  page: {
    meaning:
      'A rule hands the packet to a program (NFQUEUE), and it does not come back: no program listens to the queue.',
    path: 'At the rule the kernel queues the packet for user space. Without a listener, and without bypass, it is dropped.',
    decided: 'The walk ends in the queue rule, its counter moves by our packets, and the captures stop at that hook.',
    byHand: [
      'iptables -nvxL --line-numbers | grep NFQUEUE',
      'nft list ruleset | grep queue',
      'cat /proc/net/netfilter/nfnetlink_queue',
    ],
    origins: ['OpenSnitch, Suricata, Portmaster or fail2ban-like programs that stopped and left their rule'],
    fixes: [
      'start the program again',
      '--queue-bypass (nft: queue flags bypass): packets pass while nobody listens',
      'an accept before the rule',
    ],
    prevention: 'Rules for queues with bypass, or made and removed by the program itself.',
    lab: 'nf-nfqueue-no-listener',
  },
  run(_artifacts, context) {
    if (!meetsHostRules(context)) return notApplicable('no rule of the host is on this path');
    const step = stepsOf(context.walk, 'hook').find(
      ({ netns, detail }) =>
        netns !== 'target' && detail.walk.verdict === 'queue' && !bypasses(detail.walk.decidedBy?.text),
    );
    const rule = step?.detail.walk.decidedBy;
    if (!step || !rule) return pass('no rule queues the packets');
    const what = step.way === 'forward' ? 'request' : 'reply';
    return fail({
      cause: 'nf-nfqueue-no-listener',
      title: `${ruleTitle(rule)} queues the ${what} and never gets it back`,
      place: {
        link: step.link,
        stage: step.detail.walk.hook,
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
      ],
      remedies: [
        acceptRemedy(
          context,
          step.netns,
          rule,
          bothWays(step.detail.packet),
          'accept this traffic before that rule, both ways',
        ),
      ],
      notes: ['the program that should listen may inspect traffic on purpose: start it rather than go around it'],
    });
  },
});

const bypasses = (text: string | undefined): boolean => text !== undefined && /bypass/.test(text);
