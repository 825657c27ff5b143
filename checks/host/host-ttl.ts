import type { RuleRef } from '../../src/netfilter/types.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { countedProof, listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

const CHANGES_TTL = /\bTTL\b|\bHL\b|\b(ttl|hoplimit) set\b/;

export const hostTtl = defineCheck({
  meta: {
    id: 'host-ttl',
    code: 'V3512',
    title: 'no rule uses up the TTL of the packets',
    covers: ['host-ttl-mangle'],
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (TTL, HL)', 'RFC 791 §3.2'],
  },
  page: {
    meaning: 'A rule of the mangle table lowers the TTL so far that this host does not pass the packets on.',
    path: 'bridge -> PREROUTING mangle: TTL set -> route look-up -> TTL used up, ICMP "time exceeded".',
    decided:
      'The walk meets the rule and ends where the TTL is checked; the captures end there too, and the rule counted.',
    byHand: ['iptables -t mangle -nvxL PREROUTING', 'tcpdump -p -vni BRIDGE icmp'],
    origins: ['a rule against tethering', 'a rule that should hide hops, for the wrong direction'],
    fixes: ['an accept for this traffic before the rule', 'the rule deleted or limited by its owner'],
    prevention: 'Limit such rules to the interface that they are for.',
    lab: 'host-ttl-mangle',
  },
  run(_artifacts, context) {
    if (context.path.routers.length === 0) return notApplicable('nothing is routed on this path');
    const spent = stepsOf(context.walk, 'ttl')[0];
    if (!spent) return pass('the packets have a TTL to spare');
    const changed = stepsOf(context.walk, 'hook').flatMap((step) =>
      step.way === spent.way && step.netns === spent.netns
        ? step.detail.walk.met.filter(isChange).map((rule) => ({ step, rule }))
        : [],
    )[0];
    if (!changed) return pass('no rule of this host changes the TTL');
    const { step, rule } = changed;
    return fail({
      cause: 'host-ttl-mangle',
      title: `${ruleTitle(rule)} (${rule.table}) uses up the packets' TTL`,
      place: { link: spent.link, stage: 'forward', way: spent.way, netns: spent.netns, object: ruleObject(rule) },
      loses: [{ link: spent.link, way: spent.way }],
      proof: [
        {
          kind: 'read',
          text: `${ruleName(rule)}: ${rule.text}`,
          command: inside(context.netns(step.netns), listCommand(rule)),
        },
        ...ruleCountedProof(context, step.netns, rule),
        ...countedProof(context, step.netns, 'Icmp.OutTimeExcds'),
      ],
      remedies: [
        acceptRemedy(
          context,
          step.netns,
          rule,
          [step.detail.packet],
          'accept this traffic in that table before the rule',
        ),
      ],
    });
  },
});

const isChange = ({ target, text }: RuleRef): boolean =>
  !/--(ttl|hl)-inc\b/.test(text) && (target === 'TTL' || target === 'HL' || CHANGES_TTL.test(text));
