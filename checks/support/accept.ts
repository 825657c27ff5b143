import type { Remedy } from '../../src/model/finding.js';
import { baseChains, chainRules } from '../../src/netfilter/rules.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';
import { baseChainTo, programOf } from './owned-chain.js';

/** Selectors of an accept rule, in the words of both tools. */
export interface AcceptMatch {
  readonly iptables: readonly string[];
  readonly nft: readonly string[];
}

/**
 * The narrowest accept for one packet: its devices, and its far address where there is no device.
 * @param isTracked whether the rule sees the state of connections; without it an answer is known by its addresses alone
 */
const matchOf = (packet: HookPacket, isTracked: boolean): AcceptMatch => {
  const family = packet.family === 4 ? 'ip' : 'ip6';
  const [iptables, nft]: [string[], string[]] = [[], []];
  if (packet.iif !== null) {
    iptables.push('-i', packet.iif);
    nft.push('iifname', packet.iif);
  }
  if (packet.oif !== null && packet.iif !== packet.oif) {
    iptables.push('-o', packet.oif);
    nft.push('oifname', packet.oif);
  }
  if (packet.connectionDirection === 'reply' && !isTracked) {
    iptables.push('-s', packet.source, '-d', packet.destination);
    nft.push(family, 'saddr', packet.source, family, 'daddr', packet.destination);
  } else if (packet.connectionDirection === 'reply') {
    iptables.push('-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED');
    nft.push('ct', 'state', 'established,related');
  } else if (packet.iif === null) {
    iptables.push('-d', packet.destination);
    nft.push(family, 'daddr', packet.destination);
  } else {
    iptables.push('-s', packet.source);
    nft.push(family, 'saddr', packet.source);
  }
  return { iptables, nft };
};

/** The program that speaks to the back-end that holds a rule. */
export const iptablesFor = (rule: RuleRef): string =>
  `${rule.family === 'ip6' ? 'ip6tables' : 'iptables'}${rule.backend === 'legacy' ? '-legacy' : ''}`;

/**
 * The chain for a rule of ours: never one that a program keeps to itself, but the kernel's own that leads there; on a
 * Docker host DOCKER-USER, which Docker leaves to its users, where the packet comes by there before it meets the rule.
 * @see https://docs.docker.com/engine/network/packet-filtering-firewalls/
 */
const chainFor = (context: CheckContext, netns: string, rule: RuleRef): string => {
  const state = context.netfilter(netns);
  if (state === null) return rule.chain;
  const own = programOf(rule) === null ? rule.chain : (baseChainTo(state, rule) ?? rule.chain);
  if (own !== 'FORWARD') return own;
  const jump = chainRules(state, { ...rule, chain: 'FORWARD' }).find((candidate) => candidate.target === 'DOCKER-USER');
  const isBefore = jump?.index != null && (rule.chain !== 'FORWARD' || rule.index === null || jump.index < rule.index);
  return isBefore ? 'DOCKER-USER' : own;
};

/**
 * A rule at the head of the chain that accepts the packet, with the command that takes it out again. A rule of nftables is
 * deleted by its handle, which its comment finds.
 */
export const acceptCommands = (
  context: CheckContext,
  netns: string,
  rule: RuleRef,
  match: AcceptMatch,
): { readonly add: readonly string[]; readonly undo: readonly string[] } => {
  const ns = context.netns(netns);
  if (rule.backend === 'nftables') {
    const chain = [rule.family, rule.table, rule.chain];
    const comment = 'vethoscope';
    return {
      add: inside(ns, ['nft', 'insert', 'rule', ...chain, ...match.nft, 'accept', 'comment', `"${comment}"`]),
      undo: inside(ns, [
        'sh',
        '-c',
        `nft delete rule ${chain.join(' ')} handle $(nft -a list chain ${chain.join(' ')} | sed -n 's/.*comment "${comment}" # handle //p' | head -n 1)`,
      ]),
    };
  }
  const head = chainFor(context, netns, rule);
  const table = rule.table === 'filter' ? [] : ['-t', rule.table];
  return {
    add: inside(ns, [iptablesFor(rule), ...table, '-I', head, '1', ...match.iptables, '-j', 'ACCEPT']),
    undo: inside(ns, [iptablesFor(rule), ...table, '-D', head, ...match.iptables, '-j', 'ACCEPT']),
  };
};

/** The packet and, where it is a request, the answer to it. */
export const bothWays = (packet: HookPacket): readonly HookPacket[] =>
  packet.connectionDirection === 'reply'
    ? [packet]
    : [
        packet,
        {
          ...packet,
          iif: packet.oif,
          oif: packet.iif,
          source: packet.destination,
          destination: packet.source,
          connectionDirection: 'reply',
        },
      ];

/** At which conntrack looks a packet up in PREROUTING and OUTPUT: rules that run before it know no connection. */
const CONNTRACK_PRIORITY = -200;

const seesConnections = (context: CheckContext, netns: string, rule: RuleRef): boolean => {
  const state = context.netfilter(netns);
  if (state === null) return rule.table !== 'raw';
  const base = (['prerouting', 'output'] as const)
    .flatMap((hook) => baseChains(state, hook))
    .find(
      (chain) =>
        chain.backend === rule.backend &&
        chain.family === rule.family &&
        chain.table === rule.table &&
        (rule.backend !== 'nftables' || chain.chain === rule.chain),
    );
  return rule.table !== 'raw' && (base === undefined || base.priority > CONNTRACK_PRIORITY);
};

/** A remedy that accepts the given packets in the rule's chain, before the rule. */
export const acceptRemedy = (
  context: CheckContext,
  netns: string,
  rule: RuleRef,
  packets: readonly HookPacket[],
  title: string,
): Remedy => {
  const program = programOf(rule);
  if (program !== null && rule.backend === 'nftables') return byProgram(program, netns);
  const isTracked = seesConnections(context, netns, rule);
  const matches = (isTracked ? packets : packets.slice(0, 1)).map((packet) => matchOf(packet, isTracked));
  const pairs = matches.map((match) => acceptCommands(context, netns, rule, match));
  return {
    kind: 'runtime',
    title,
    netns,
    commands: pairs.map((pair) => pair.add),
    undo: pairs.toReversed().map((pair) => pair.undo),
    risk: 'low',
    riskText:
      program === null
        ? 'only this traffic is accepted; lost at the next reload of the rules'
        : `only this traffic is accepted, before the rules of ${program}, which may put them first again`,
  };
};

/** A drop in a table of its own is final, whatever other tables accept: only its program can change it. */
const byProgram = (program: string, netns: string): Remedy => ({
  kind: 'instruction',
  title: `let ${program} accept this: its table is written by it alone; restart it where the rule should be gone`,
  netns,
  commands: [],
  undo: [],
  risk: 'medium',
  riskText: `while ${program} restarts, connections that stand go on, and new ones may fail for some seconds`,
});
