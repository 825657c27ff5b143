import type { Finding } from '../../src/model/finding.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { type FrameDrop, frameDrops, frameWords, losesOf, meetsFrameRules, portOf } from '../support/frame-drops.js';
import { isPolicy } from '../support/hooks.js';
import {
  listCommand,
  ruleCountedProof,
  ruleName,
  ruleObject,
  ruleTitle,
  unansweredArpProof,
} from '../support/proofs.js';

export const nfNetdevIngressDrop = defineCheck({
  meta: {
    id: 'nf-netdev-ingress-drop',
    code: 'V4006',
    title: 'no rule at a device drops the packets',
    covers: ['nf-netdev-ingress-drop'],
    inbound: 'also',
    requires: ['host.links'],
    references: [
      'man 8 nft, "NETDEV ADDRESS FAMILY"',
      'https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks',
    ],
  },
  page: {
    meaning: 'A rule of nftables at the ingress or egress of a device drops the packet: before all of IP, or after it.',
    path: 'device -> capture -> ingress of nft (families netdev and inet) -> IP. On the way out: POSTROUTING -> egress of nft -> capture -> device.',
    decided:
      'The walk over the chains bound to the device names the rule; its counter moves by our packets; a capture at the device sees what its ingress drops.',
    byHand: ['nft list ruleset netdev', 'nft list ruleset inet'],
    origins: [
      'a filter against floods at the uplink',
      'crowdsec and other blockers that drop early',
      'Cilium beside nft',
    ],
    fixes: ['an accept before the rule, for this traffic alone', 'the list of addresses that the blocker keeps'],
    prevention: 'Look at nft list ruleset, all families: iptables-save shows nothing of this.',
    lab: 'nf-netdev-ingress-drop',
  },
  run(_artifacts, context) {
    if (!meetsFrameRules(context, ['netdev'])) return notApplicable('no device on this path has rules of its own');
    const [first, ...more] = frameDrops(context, ['netdev']).map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no rule at a device drops the packets');
  },
});

const finding = (context: CheckContext, drop: FrameDrop): Finding => {
  const { step, rule, hook } = drop;
  const { packet } = step.detail;
  const { arp } = packet.frame ?? {};
  const family = packet.family === 4 ? 'ip' : 'ip6';
  const nft = arp ? ['ether', 'type', 'arp'] : [family, 'saddr', packet.source, family, 'daddr', packet.destination];
  const { add, undo } = acceptCommands(context, step.netns, rule, { iptables: [], nft });
  return {
    cause: 'nf-netdev-ingress-drop',
    title: `${ruleTitle(rule)} drops ${frameWords(drop.step)} at ${portOf(drop)}`,
    place: { link: step.link, stage: step.stage, way: step.way, netns: step.netns, object: ruleObject(rule) },
    loses: [losesOf(drop)],
    proof: [
      {
        kind: 'read',
        text: `nftables ${ruleName(rule)}: ${rule.text}`,
        command: inside(context.netns(step.netns), listCommand(rule)),
      },
      ...ruleCountedProof(context, step.netns, rule),
      ...unansweredArpProof(context, step.detail.packet.frame),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `accept this traffic before ${isPolicy(rule) ? 'the policy' : 'that rule'}`,
        netns: step.netns,
        commands: [add],
        undo: [undo],
        risk: 'low',
        riskText: 'only packets between these two addresses are accepted; lost at the next reload of the rules',
      },
    ],
    notes: [
      hook === 'ingress'
        ? `a capture on ${portOf(drop)} shows the packet: captures see it before the ingress rules`
        : `a capture on ${portOf(drop)} does not show the packet: it is dropped before`,
    ],
  };
};
