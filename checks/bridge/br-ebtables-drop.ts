import type { Finding, Remedy } from '../../src/model/finding.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands } from '../support/accept.js';
import { turnOfHook } from '../support/bridge-turns.js';
import { inside } from '../support/commands.js';
import { type FrameDrop, frameDrops, frameWords, losesOf, meetsFrameRules, portOf } from '../support/frame-drops.js';
import { isPolicy } from '../support/hooks.js';
import {
  frameTool,
  listCommand,
  ruleCountedProof,
  ruleName,
  ruleObject,
  ruleTitle,
  unansweredArpProof,
} from '../support/proofs.js';

const LAYERS = ['bridge', 'arp'] as const;

export const brEbtablesDrop = defineCheck({
  meta: {
    id: 'br-ebtables-drop',
    code: 'V2109',
    title: 'no rule of the bridge or for ARP drops the frames',
    covers: [
      'br-ebtables-drop',
      'br-ebtables-input-drop',
      'br-ebtables-forward-drop',
      'br-ebtables-arp-drop',
      'br-nft-mac-antispoof',
    ],
    inbound: 'also',
    requires: ['host.links'],
    references: ['man 8 ebtables', 'man 8 arptables', 'man 8 nft, address family "bridge"'],
  },
  page: {
    meaning: 'A rule of ebtables, arptables or an nftables table of family bridge or arp drops the frame.',
    path: 'bridge port -> bridge PREROUTING -> forwarding decision -> bridge INPUT (to this host) or FORWARD (to another port) -> POSTROUTING. ARP meets them too, and arptables where it is taken in.',
    decided:
      'The walk over the rules for frames names the rule; its counter moves by our packets; the packet is seen at the bridge port and not on the bridge.',
    byHand: ['ebtables -L --Lc', 'ebtables -t nat -L --Lc', 'arptables -nvL', 'nft list ruleset bridge'],
    origins: [
      'MAC and address filters of LXD and Incus (security.mac_filtering), libvirt nwfilter, Neutron, KubeVirt macspoofchk',
      'a container whose MAC address was changed while the filter kept the old one',
      'a hardening script that drops ARP',
    ],
    fixes: [
      'an accept before the rule, for this container alone',
      'the setting of the program that made the filter: lxc config device set CONTAINER eth0 security.mac_filtering false',
    ],
    prevention:
      'Let the program that made the filter know of every new MAC address; iptables-save shows none of these.',
    lab: 'br-ebtables-input-drop',
  },
  run(_artifacts, context) {
    if (!meetsFrameRules(context, LAYERS)) return notApplicable('no rule for frames is on this path');
    const [first, ...more] = frameDrops(context, LAYERS).map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no rule for frames drops them');
  },
});

/** Whether the rule asks for the MAC address of the sender. */
const ASKS_MAC = /ether saddr|(?:^| )-s (?:! )?[\da-f]{1,2}:|--among-src/i;

const causeOf = ({ step, rule, hook }: FrameDrop): string => {
  if (step.detail.packet.frame?.arp && !ASKS_MAC.test(rule.text)) return 'br-ebtables-arp-drop';
  if (ASKS_MAC.test(rule.text)) return 'br-nft-mac-antispoof';
  if (hook === 'forward') return 'br-ebtables-forward-drop';
  return hook === 'input' ? 'br-ebtables-input-drop' : 'br-ebtables-drop';
};

const finding = (context: CheckContext, drop: FrameDrop): Finding => {
  const { step, rule, hook } = drop;
  const tool = rule.backend === 'nftables' ? 'nftables' : `${frameTool(rule)} (${rule.backend})`;
  return {
    cause: causeOf(drop),
    title: `${ruleTitle(rule)} drops ${frameWords(step)} at ${portOf(drop)}`,
    place: {
      link: step.link,
      stage: step.stage,
      ...(step.detail.layer === 'bridge' ? { turn: turnOfHook(hook) } : {}),
      way: step.way,
      netns: step.netns,
      object: ruleObject(rule),
    },
    loses: [losesOf(drop)],
    proof: [
      {
        kind: 'read',
        text: `${tool} ${ruleName(rule)}: ${rule.text}`,
        command: inside(context.netns(step.netns), listCommand(rule)),
      },
      ...ruleCountedProof(context, step.netns, rule),
      ...unansweredArpProof(context, step.detail.packet.frame),
    ],
    remedies: [accept(context, drop)],
    notes: ['iptables-save does not show this rule: it acts on frames, before and beside IP'],
  };
};

/** One kind of frame of the container, in the words of both tools. */
interface FrameMatch {
  readonly ebtables: readonly string[];
  readonly nft: readonly string[];
}

const matchesOf = (packet: HookPacket, rule: RuleRef): readonly FrameMatch[] => {
  const [side, device] = packet.iif === null ? ['o', packet.oif ?? ''] : ['i', packet.iif];
  const port: FrameMatch = {
    ebtables: [`-${side}`, device],
    nft: [side === 'i' ? 'iifname' : 'oifname', device],
  };
  const arp: FrameMatch = { ebtables: ['-p', 'ARP', ...port.ebtables], nft: [...port.nft, 'ether', 'type', 'arp'] };
  if (packet.frame?.arp) return [arp];
  const [family, type, option] = packet.family === 4 ? ['ip', 'IPv4', '--ip'] : ['ip6', 'IPv6', '--ip6'];
  const ends = side === 'i' ? ['saddr', 'src', packet.source] : ['daddr', 'dst', packet.destination];
  const [field = '', word = '', address = ''] = ends;
  const ip: FrameMatch = {
    ebtables: ['-p', type, ...port.ebtables, `${option}-${word}`, address],
    nft: [...port.nft, family, field, address],
  };
  return packet.family === 6 || NAMES_IP.test(rule.text) ? [ip] : [ip, arp];
};

/** A rule that names a protocol does not drop ARP as well. */
const NAMES_IP = /-p (?:IPv[46]|ARP)|\bip6? |\b(?:tcp|udp|icmp|icmpv6|th) /;

const accept = (context: CheckContext, { step, rule }: FrameDrop): Remedy => {
  const before = isPolicy(rule) ? 'the policy' : 'that rule';
  const matches =
    rule.family === 'arp'
      ? [{ ebtables: arptables(step.detail.packet), nft: nftArp(step.detail.packet) }]
      : matchesOf(step.detail.packet, rule);
  const pairs = matches.map((match) => frameCommands(context, step.netns, rule, match));
  return {
    kind: 'runtime',
    title: `accept these frames before ${before}`,
    netns: step.netns,
    commands: pairs.map(({ add }) => add),
    undo: pairs.toReversed().map(({ undo }) => undo),
    risk: 'medium',
    riskText: 'the filter may be meant, against false addresses; lost at the next reload of the rules',
  };
};

const arptables = ({ iif, oif }: HookPacket): readonly string[] => (iif === null ? ['-o', oif ?? ''] : ['-i', iif]);
const nftArp = ({ iif, oif }: HookPacket): readonly string[] =>
  iif === null ? ['oifname', oif ?? ''] : ['iifname', iif];

const frameCommands = (context: CheckContext, netns: string, rule: RuleRef, { ebtables, nft }: FrameMatch) => {
  if (rule.backend === 'nftables') return acceptCommands(context, netns, rule, { iptables: [], nft });
  const table = rule.table === 'filter' ? [] : ['-t', rule.table];
  const words = [frameTool(rule), ...table];
  const ns = context.netns(netns);
  return {
    add: inside(ns, [...words, '-I', rule.chain, ...(rule.family === 'arp' ? [] : ['1']), ...ebtables, '-j', 'ACCEPT']),
    undo: inside(ns, [...words, '-D', rule.chain, ...ebtables, '-j', 'ACCEPT']),
  };
};
