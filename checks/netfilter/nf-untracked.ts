import type { Remedy } from '../../src/model/finding.js';
import { hopOf, lastRouter, wireLink } from '../../src/model/path-queries.js';
import { sourceTranslations } from '../../src/netfilter/rules.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands, acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isPrivate, sourceAtUplink } from '../support/nat.js';
import { controlProof, listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

const NOTRACK = /--notrack\b|\bNOTRACK\b|\bnotrack\b/;

export const nfUntracked = defineCheck({
  meta: {
    id: 'nf-untracked',
    code: 'V5510',
    title: 'conntrack follows what has to be translated',
    covers: ['nf-raw-notrack'],
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (CT)', 'man 8 nft (notrack)'],
  },
  page: {
    meaning:
      'A rule takes the packets out of connection tracking; without it there is no NAT, and they leave untranslated.',
    path: 'bridge -> PREROUTING raw: notrack -> FORWARD -> POSTROUTING: NAT is not asked -> uplink, with the private source.',
    decided:
      "The walk meets the notrack rule, the request is seen on the uplink with the container's own address, and nothing comes back.",
    byHand: ['iptables -t raw -nvxL', 'conntrack -L -s CONTAINER-ADDRESS', 'tcpdump -p -ni UPLINK'],
    origins: [
      'a rule to spare conntrack for a busy service, without its destination or port',
      'a CNI or firewall for DNS',
    ],
    fixes: ['an accept for this traffic before the rule', 'the rule limited to what needs no NAT'],
    prevention: 'Write notrack rules for one port and one direction.',
    lab: 'nf-raw-notrack',
  },
  run(_artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    if (!router || !wire) return notApplicable('the flow does not leave the host');
    const own = context.flow.source;
    if (context.walk.atUplink?.connection !== 'untracked') return pass('conntrack follows the packets');
    if (own === null || !isPrivate(own) || sourceAtUplink(context) !== own) return pass('nothing has to be translated');
    const [met] = [...stepsOf(context.walk, 'frame'), ...stepsOf(context.walk, 'hook')].flatMap((step) =>
      step.way === 'forward' && step.netns === router.netns
        ? step.detail.walk.met.filter(isNotrack).map((rule) => ({ step, rule }))
        : [],
    );
    if (!met) return notApplicable('no rule was found that says so');
    const state = context.netfilter(router.netns);
    if (state && sourceTranslations(state, context.flow.family).length === 0)
      return pass('no rule would translate the source');
    const { step, rule } = met;
    const seen = context.located.counts.find(({ hop }) => hop === hopOf(context.path, 'uplink')?.id);
    return fail({
      cause: 'nf-raw-notrack',
      title: `${ruleTitle(rule)} (${rule.table}) keeps ${own} from being translated`,
      place: {
        link: step.link,
        stage: step.stage,
        way: 'forward',
        netns: step.netns,
        object: ruleObject(rule),
      },
      loses: [{ link: wire.id, way: 'return' }],
      proof: [
        {
          kind: seen && seen.forward > 0 ? 'seen' : 'inferred',
          text: `requests leave ${router.oif} as ${own}, the container's own address`,
        },
        {
          kind: 'read',
          text: `${ruleName(rule)}: ${rule.text}`,
          command: inside(context.netns(step.netns), listCommand(rule)),
        },
        ...ruleCountedProof(context, step.netns, rule),
        ...controlProof(context),
      ],
      remedies: [remedyFor(context, met)],
    });
  },
});

const TITLE = 'accept this traffic in that table before the rule';

/** A rule for frames knows no connections, and only nftables has one that spares them conntrack. */
const remedyFor = (context: CheckContext, { step, rule }: Met): Remedy => {
  const { packet, kind } = step.detail;
  if (kind === 'hook') return acceptRemedy(context, step.netns, rule, [packet], TITLE);
  const family = packet.family === 4 ? 'ip' : 'ip6';
  const nft = [family, 'saddr', packet.source, family, 'daddr', packet.destination];
  const { add, undo } = acceptCommands(context, step.netns, rule, { iptables: [], nft });
  return {
    kind: 'runtime',
    title: TITLE,
    netns: step.netns,
    commands: [add],
    undo: [undo],
    risk: 'low',
    riskText: 'only packets between these two addresses are accepted; lost at the next reload of the rules',
  };
};

interface Met {
  readonly step: StepOf<'frame' | 'hook'>;
  readonly rule: RuleRef;
}

const isNotrack = ({ target, text }: RuleRef): boolean => target === 'NOTRACK' || NOTRACK.test(text);
