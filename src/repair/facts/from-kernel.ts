import type { Fact } from './facts.js';
import { linesOf } from './from-ip.js';

/** Figures that the kernel counts, and secrets that it makes. */
const NO_SETTING = /^net\.netfilter\.nf_conntrack_count$|stable_secret$|fastopen_key$/;

/** From `sysctl -a`, of the network alone: the rest is not of a network namespace. */
export const sysctlFacts = (output: string): readonly Fact[] =>
  linesOf(output).flatMap((line) => {
    const at = line.indexOf(' = ');
    const key = line.slice(0, at);
    return at < 0 || !key.startsWith('net.') || NO_SETTING.test(key)
      ? []
      : [
          [
            'sysctl',
            key,
            line
              .slice(at + 3)
              .replace(/\s+/g, ' ')
              .trim(),
          ] as const,
        ];
  });

const TAG = /vethoscope:[0-9a-z]+:\d+/;

/** Where a rule of ours stands, and the rule: `nft inet fw forward: iifname "br0" accept`. */
const ruleFact = (place: string, rule: string): readonly Fact[] => {
  const tag = TAG.exec(rule)?.[0];
  return tag === undefined ? [] : [['firewall-rule', tag, `${place}: ${rule}`]];
};

/** One line inside a chain or table of `nft -s -a list ruleset`. */
interface NftLine {
  readonly table: string;
  /** `null` outside of chains. */
  readonly chain: string | null;
  readonly text: string;
  readonly handle: string | null;
}

const nftLines = (output: string): readonly NftLine[] => {
  const lines: NftLine[] = [];
  let [table, chain] = ['', null as string | null];
  for (const line of linesOf(output)) {
    const [, bare = '', handle = null] = /^(.*?)(?: # handle (\d+))?$/.exec(line.trimEnd()) ?? [];
    const opened = /^(table|\tchain) (.*) \{$/.exec(bare);
    if (opened?.[1] === 'table') [table, chain] = [opened[2] ?? '', null];
    else if (opened) chain = opened[2] ?? '';
    else if (bare === '\t}') chain = null;
    else if (bare === '}') table = '';
    if (table !== '' && bare !== '\t}') lines.push({ table, chain, text: opened ? '' : bare.trim(), handle });
  }
  return lines;
};

/** From `nft -s -a list ruleset`: which tables and chains there are, and the rules that carry our comment. */
export const nftFacts = (output: string): readonly Fact[] =>
  nftLines(output).flatMap(({ table, chain, text }) => {
    if (chain === null) return text === '' ? [['nft-table', table, 'present'] as const] : [];
    const place = `${table} ${chain}`;
    if (text === '') return [['nft-chain', place, ''] as const];
    if (/^type \S+ hook /.test(text)) return [['nft-chain', place, text] as const];
    return ruleFact(`nft ${place}`, text);
  });

/** Whether a chain (`ip nat POSTROUTING`) holds no rule, or a table (`ip nat`) nothing at all. */
export const isNftEmpty = (output: string, name: string): boolean =>
  !nftLines(output).some(({ table, chain, text }) => {
    if (table === name) return chain !== null || text !== '';
    return `${table} ${chain}` === name && text !== '' && !/^type \S+ hook /.test(text);
  });

/** Handle of the rule of a table and chain that carries a comment; `null` when there is none. */
export const nftHandle = (output: string, tag: string): string | null =>
  nftLines(output).find(({ text }) => TAG.exec(text)?.[0] === tag)?.handle ?? null;

/** From the dump of one back-end and family of iptables. */
export const iptablesFacts = (output: string, tool: string): readonly Fact[] => {
  let table = '';
  return linesOf(output).flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    return line.startsWith('-A ') ? ruleFact(`${tool} ${table}`, line) : [];
  });
};

/** From the dump of ebtables or arptables: the rules of each chain, without their counters. */
export const frameFacts = (output: string, tool: string): readonly Fact[] => {
  const rules = new Map<string, string[]>();
  let table = '';
  for (const line of linesOf(output)) {
    const [, chain = '', rule = ''] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line.trim()) ?? [];
    if (line.startsWith('*')) table = line.slice(1).trim();
    if (chain === '') continue;
    const key = `${tool} ${table} ${chain}`;
    rules.set(key, [...(rules.get(key) ?? []), rule.replace(/ -c \d+ \d+/, '').trim()]);
  }
  return [...rules].map(([key, list]) => ['frame-rules', key, list.join('\n')] as const);
};

/** From `ip_tables_names` and `ip6_tables_names`, each line with its program: `iptables nat`. */
export const legacyTableFacts = (output: string): readonly Fact[] =>
  linesOf(output).map((line) => ['legacy-table', line.trim(), 'registered']);
