import type { Finding } from '../../src/model/finding.js';
import { isAsked } from '../../src/routing/walk-resolution.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { type FrameDrop, frameDrops, losesOf } from '../support/frame-drops.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

export const ip6NdBlocked = defineCheck({
  meta: {
    id: 'ip6-nd-blocked',
    code: 'V4007',
    title: 'the rules let IPv6 neighbours be found',
    covers: ['ip6-nd-blocked'],
    inbound: 'also',
    requires: ['host.links'],
    references: ['RFC 4861', 'RFC 4890 section 4.4.1'],
  },
  page: {
    meaning: 'A firewall rule drops neighbour solicitations or advertisements: IPv6 has no ARP, it needs these.',
    path: 'IPv6 asks for the MAC address of the next hop by ICMPv6 type 135, answered by type 136; both pass OUTPUT of the sender and INPUT of the receiver.',
    decided:
      'The walk of the question and its answer ends in a drop, its counter moves, and the neighbour entry does not become reachable.',
    byHand: ['ip6tables -nvxL INPUT --line-numbers', 'ip -6 neigh', 'nft -a list ruleset'],
    origins: ['rules copied from IPv4 that drop ICMP', 'a policy DROP of INPUT without an accept for ICMPv6'],
    fixes: ['an accept for ICMPv6 types 135 and 136 before the rule'],
    prevention: 'Accept ICMPv6 types 133 to 137 and 2 in every IPv6 ruleset (RFC 4890).',
    lab: 'ip6-nd-blocked',
  },
  run(_artifacts, context) {
    if (context.flow.family !== 6) return notApplicable('IPv4 finds its neighbours by ARP');
    if (!isAsked(context.walk.steps)) return notApplicable('the neighbours on this path are known');
    const [first, ...more] = frameDrops(context, ['ip']).map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no rule drops what IPv6 finds its neighbours by');
  },
});

const SOLICITATION = 135;

const finding = (context: CheckContext, drop: FrameDrop): Finding => {
  const { step, rule } = drop;
  const { packet } = step.detail;
  const what = packet.icmp?.type === SOLICITATION ? 'solicitation' : 'advertisement';
  const pairs = ['nd-neighbor-solicit', 'nd-neighbor-advert'].map((type, index) =>
    acceptCommands(context, step.netns, rule, {
      iptables: ['-p', 'icmpv6', '--icmpv6-type', `${SOLICITATION + index}`],
      nft: ['icmpv6', 'type', type],
    }),
  );
  return {
    cause: 'ip6-nd-blocked',
    title: `${ruleTitle(rule)} drops the neighbour ${what}`,
    place: {
      link: step.link,
      stage: step.detail.walk.hook === 'input' ? 'input' : 'output',
      way: step.way,
      netns: step.netns,
      object: ruleObject(rule),
    },
    loses: [losesOf(drop)],
    proof: [
      {
        kind: 'read',
        text: `${rule.backend === 'nftables' ? 'nftables' : `ip6tables (${rule.backend})`} ${ruleName(rule)}: ${rule.text}`,
        command: inside(context.netns(step.netns), listCommand(rule)),
      },
      ...ruleCountedProof(context, step.netns, rule),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: 'accept neighbour discovery before that rule',
        netns: step.netns,
        commands: pairs.map(({ add }) => add),
        undo: pairs.toReversed().map(({ undo }) => undo),
        risk: 'low',
        riskText: 'IPv6 does not work without it on any network; lost at the next reload of the rules',
      },
    ],
    notes: ['IPv6 goes on until the neighbour entry expires, then it stops'],
  };
};
