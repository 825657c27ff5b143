import type { Asked } from '../../src/model/asked.js';
import type { Proof } from '../../src/model/finding.js';
import type { NetnsId } from '../../src/model/netns.js';
import type { Frame, RuleRef } from '../../src/netfilter/types.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';

/** What the kernel answered to a route question, as a proof line; empty when it was not asked. */
export const askedProof = (context: CheckContext, what: Asked['what'], netns?: NetnsId): readonly Proof[] =>
  context.asked
    .filter((asked) => asked.what === what && (netns === undefined || asked.netns === netns))
    .slice(0, 1)
    .map((asked) => ({
      kind: 'asked' as const,
      text: `ip route get: ${asked.answer.split('\n')[0] ?? ''}`,
      command: inside(context.netns(asked.netns), bare(asked.command)),
      output: asked.answer,
    }));

const bare = (command: readonly string[]): readonly string[] =>
  command[0] === 'nsenter' ? command.slice(command.indexOf('--') + 1) : command;

/** A counter that moved by at least one for each lost probe; empty when it did not, or was not read twice. */
export const countedProof = (context: CheckContext, netns: NetnsId, counter: string): readonly Proof[] => {
  const moved = context.delta(netns, counter);
  if (moved === null || moved < 1 || moved < context.located.lost) return [];
  return [
    {
      kind: 'counted',
      text: `${counter.replace('.', '')} rose by ${moved} during the probe`,
      command: inside(context.netns(netns), ['nstat', '-az', counter.replace('.', '')]),
    },
  ];
};

/** The counter of a rule or policy that moved by at least one for each lost probe. */
export const ruleCountedProof = (context: CheckContext, netns: NetnsId, rule: RuleRef): readonly Proof[] => {
  const moved = context.ruleDelta(netns, rule);
  if (moved === null || moved.packets < Math.max(context.located.lost, 1)) return [];
  return [
    {
      kind: 'counted',
      text: `${ruleName(rule)} counted ${moved.packets} packets, ${moved.bytes} bytes during the probe`,
      command: inside(context.netns(netns), listCommand(rule)),
    },
  ];
};

/** The same probe from the host that was answered. */
export const controlProof = (context: CheckContext): readonly Proof[] =>
  context.control && context.control.answered > 0
    ? [
        {
          kind: 'control',
          text: `the same probe from the host itself: ${context.control.answered} of ${context.control.sent} answered`,
          command: context.control.command,
        },
      ]
    : [];

/** The sending socket's own error. */
export const socketErrorProof = (context: CheckContext): readonly Proof[] =>
  context.probe?.localError
    ? [
        {
          kind: 'asked',
          text: `sending from the container: ${context.probe.localError}`,
          command: context.probe.command,
        },
      ]
    : [];

/** Address resolution that the captures saw unanswered. */
export const unansweredProof = (context: CheckContext, address: string): readonly Proof[] =>
  context.located.neighbour
    .filter((silence) => silence.address === address)
    .slice(0, 1)
    .map((silence) => {
      const hop = context.path.hops.find((candidate) => candidate.id === silence.hop);
      return {
        kind: 'seen' as const,
        text: `${silence.requests} request${silence.requests === 1 ? '' : 's'} "who has ${address}" on ${hop?.ifname ?? silence.hop}, no answer`,
      };
    });

/** That the captures saw no answer to the question that a frame of ARP is part of. */
export const unansweredArpProof = (context: CheckContext, frame: Frame | null | undefined): readonly Proof[] => {
  const { arp } = frame ?? {};
  return arp ? unansweredProof(context, arp.operation === 'request' ? arp.targetAddress : arp.senderAddress) : [];
};

/** `ip filter FORWARD rule 3`, or `inet myfw forward policy`. */
export const ruleName = (rule: RuleRef): string =>
  `${rule.family} ${rule.table} ${rule.chain} ${rule.index === null ? 'policy' : `rule ${rule.index}`}`;

/** The rule or policy as the object of a finding. */
export const ruleObject = ({ family, table, chain, index }: RuleRef): string =>
  `table ${family} ${table} chain ${chain} ${index === null ? 'policy' : `rule ${index}`}`;

/** The rule for a headline: the tables of iptables go without saying, the chains of nftables do not. */
export const ruleTitle = (rule: RuleRef): string => {
  const what = rule.index === null ? 'policy' : `rule ${rule.index}`;
  if (rule.backend === 'nftables') return `nftables ${rule.family} ${rule.table} ${rule.chain} ${what}`;
  const tool = rule.family === 'bridge' ? 'ebtables ' : rule.family === 'arp' ? 'arptables ' : '';
  return `${rule.backend === 'legacy' ? 'legacy ' : ''}${tool}${rule.chain} ${what}`;
};

/** The command that lists the chain of a rule with its counters. */
export const listCommand = (rule: RuleRef): readonly string[] => {
  if (rule.backend === 'nftables') return ['nft', '-a', 'list', 'chain', rule.family, rule.table, rule.chain];
  if (rule.family === 'bridge' || rule.family === 'arp') {
    const table = rule.table === 'filter' ? [] : ['-t', rule.table];
    return [frameTool(rule), ...table, '-L', rule.chain, ...(rule.family === 'bridge' ? ['--Ln', '--Lc'] : ['-nv'])];
  }
  const tool = `${rule.family === 'ip6' ? 'ip6tables' : 'iptables'}${rule.backend === 'legacy' ? '-legacy' : ''}`;
  return [tool, ...(rule.table === 'filter' ? [] : ['-t', rule.table]), '-nvxL', rule.chain, '--line-numbers'];
};

/** The program that speaks to the back-end that holds a rule for frames. */
export const frameTool = ({ family, backend }: RuleRef): string =>
  `${family === 'arp' ? 'arptables' : 'ebtables'}${backend === 'legacy' ? '-legacy' : ''}`;
