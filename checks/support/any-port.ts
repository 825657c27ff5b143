import type { Remedy } from '../../src/model/finding.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import { iptablesFor } from './accept.js';
import { programOf } from './owned-chain.js';

/** New source address in the words of a rule, without its ports. */
const SOURCE = /(?:--to-source |\bsnat (?:ip6? )?to )([\da-f.]+):\d/i;

/**
 * The same translation for these connections alone, from any port, before the rule that has too few: the first rule of
 * NAT that matches decides. `null` where the rule is a program's own, or its words are not those of one address.
 * @see iptables-extensions(8), MASQUERADE; nft(8), NAT STATEMENTS
 */
export const anyPort = (packet: HookPacket, rule: RuleRef): Remedy | null => {
  const { family, protocol, source, destination, destinationPort, oif } = packet;
  const isMasquerade = /masquerade/i.test(rule.text);
  const address = SOURCE.exec(rule.text)?.[1];
  if (destinationPort === null || oif === null || family !== 4 || (!isMasquerade && address === undefined)) return null;
  if (programOf(rule) !== null) return null;
  const port = `${destinationPort}`;
  const netns = 'host';
  const base = {
    kind: 'runtime',
    title: `let connections of ${source} to ${destination}:${port} leave from any port`,
    netns,
    risk: 'low',
    riskText: `they leave by other ports than ${rule.chain} allows, which a filter upstream may not expect`,
  } as const;
  if (rule.backend === 'nftables') {
    const chain = [rule.family, rule.table, rule.chain];
    const match = ['oifname', oif, 'ip', 'saddr', source, 'ip', 'daddr', destination, protocol, 'dport', port];
    const nat = isMasquerade
      ? ['masquerade']
      : ['snat', ...(rule.family === 'inet' ? ['ip'] : []), 'to', address ?? ''];
    return {
      ...base,
      commands: [['nft', 'insert', 'rule', ...chain, ...match, ...nat, 'comment', '"vethoscope"']],
      undo: [
        [
          'sh',
          '-c',
          `nft delete rule ${chain.join(' ')} handle $(nft -a list chain ${chain.join(' ')} | sed -n 's/.*comment "vethoscope" # handle //p' | head -n 1)`,
        ],
      ],
    };
  }
  const words = (verb: readonly string[]) => [
    ...[iptablesFor(rule), '-t', 'nat', ...verb, '-s', source, '-d', destination, '-o', oif],
    ...['-p', protocol, '--dport', port, '-j'],
    ...(isMasquerade ? ['MASQUERADE'] : ['SNAT', '--to-source', address ?? '']),
  ];
  return { ...base, commands: [words(['-I', rule.chain, '1'])], undo: [words(['-D', rule.chain])] };
};
