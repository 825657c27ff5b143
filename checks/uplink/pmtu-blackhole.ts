import { isTooBigWord } from '../../src/model/icmp.js';
import { lastRouter } from '../../src/model/path-queries.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import type { WalkStep } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { listCommand, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

export const pmtuBlackhole = defineCheck({
  meta: {
    id: 'pmtu-blackhole',
    code: 'V6520',
    title: 'the word that packets are too big reaches the container',
    covers: ['pmtu-blackhole-fragneeded-filtered', 'pmtu-blackhole-host-output-blocked', 'ip6-ptb-blocked'],
    requires: ['host.links'],
    references: ['RFC 1191', 'RFC 2923 §2.1', 'RFC 4890 §4.3.1'],
  },
  page: {
    meaning:
      'A router turns large packets away and says so, but a rule on this host drops that word: the container sends them again and again.',
    path: 'router: too big -> ICMP "fragmentation needed" -> OUTPUT of this host, or its FORWARD where it comes from outside: dropped.',
    decided:
      'Small packets are answered and large ones are not; the ICMP error is seen and does not reach the container, or this host has to send it; the walk of that error ends at the rule, and the rule counted it.',
    byHand: [
      'ping -M do -s 1472 DESTINATION',
      "tcpdump -p -ni UPLINK 'icmp[0] == 3 and icmp[1] == 4'",
      'iptables -nvxL OUTPUT; iptables -nvxL FORWARD',
    ],
    origins: [
      'a firewall that drops all ICMP "for security"',
      'a rule that drops packets in the state INVALID before it accepts ICMP errors',
      'an allow list without the state RELATED',
    ],
    fixes: [
      'iptables -I CHAIN -p icmp --icmp-type fragmentation-needed -j ACCEPT: this error alone',
      'the MTU of the containers set to that of the path: the error is not needed any more',
    ],
    prevention: 'Never drop ICMP type 3 code 4, nor ICMPv6 type 2.',
    lab: 'pmtu-blackhole-host-output-blocked',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    if (!router || router.oif === null) return notApplicable('nothing is routed on this path');
    if (!context.sent.df) return notApplicable('the packets may be fragmented');
    if (context.tooBig) return pass('the container is told that they are too big');
    const seen = context.located.errors.find(
      (error) => error.way === 'return' && isTooBigWord(context.flow.family, error),
    );
    const uplink = artifacts['host.links'].find(({ ifname }) => ifname === router.oif);
    const isOwn = !seen && uplink !== undefined && uplink.mtu < context.sent.bytes;
    if (!seen && !isOwn) return pass('no router on the way says that they are too big');
    const drop = context.tooBigSteps(seen?.from ?? null).find(isDrop);
    if (!drop) return pass('no rule of this host drops that word');
    const rule = drop.detail.walk.drops[0];
    const { netns, link } = drop;
    const moved = context.ruleDelta(netns, rule);
    const mtu = seen?.nextHopMtu ?? uplink?.mtu ?? 0;
    return fail({
      cause: causeOf(context, isOwn),
      title: `${ruleTitle(rule)} drops the word that packets are too big`,
      place: {
        link,
        stage: drop.stage,
        way: 'return',
        netns,
        object: ruleObject(rule),
      },
      loses: isOwn ? [{ link: router.link, way: 'forward' }] : [{ link, way: 'return' }],
      proof: [
        seen
          ? {
              kind: 'seen',
              text: `ICMP "${seen.words}" from ${seen.from} (MTU ${mtu}) is seen and does not reach the container`,
            }
          : {
              kind: 'read',
              text: `${router.oif}: mtu ${mtu}, and the packets have ${context.sent.bytes} bytes: this host has to say so`,
              command: ['ip', 'link', 'show', 'dev', router.oif],
            },
        {
          kind: 'read',
          text: `${ruleName(rule)}: ${rule.text}`,
          command: inside(context.netns(netns), listCommand(rule)),
        },
        ...(moved && moved.packets > 0
          ? [
              {
                kind: 'counted' as const,
                text: `${ruleName(rule)} counted ${moved.packets} packets during the probe`,
                command: inside(context.netns(netns), listCommand(rule)),
              },
            ]
          : []),
      ],
      remedies: [acceptTooBig(context, netns, rule, drop.detail.packet)],
      notes: ['TCP stalls after its first full segment'],
    });
  },
});

const causeOf = ({ flow }: CheckContext, isOwn: boolean): string => {
  if (flow.family === 6) return 'ip6-ptb-blocked';
  return isOwn ? 'pmtu-blackhole-host-output-blocked' : 'pmtu-blackhole-fragneeded-filtered';
};

type DropStep = WalkStep & {
  readonly detail: { readonly walk: { readonly drops: readonly [RuleRef, ...RuleRef[]] }; readonly packet: HookPacket };
};

const isDrop = (step: WalkStep): step is DropStep => step.detail.kind === 'hook' && step.detail.walk.drops.length > 0;

const acceptTooBig = (context: CheckContext, netns: string, rule: RuleRef, { family }: HookPacket) => {
  const match =
    family === 4
      ? {
          iptables: ['-p', 'icmp', '--icmp-type', 'fragmentation-needed'],
          nft: ['icmp', 'type', 'destination-unreachable', 'icmp', 'code', 'frag-needed'],
        }
      : {
          iptables: ['-p', 'icmpv6', '--icmpv6-type', 'packet-too-big'],
          nft: ['icmpv6', 'type', 'packet-too-big'],
        };
  const { add, undo } = acceptCommands(context, netns, rule, match);
  return {
    kind: 'runtime',
    title: 'accept this ICMP error before the rule',
    netns,
    commands: [add],
    undo: [undo],
    risk: 'low',
    riskText: 'only this error is accepted; lost at the next reload of the rules',
  } as const;
};
