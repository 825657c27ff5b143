import type { WantedRule } from '../../model/build.js';

/** One rule, in the words of its tool, without its comment. */
export interface ListedRule {
  readonly tool: string;
  /** Table and chain. */
  readonly place: string;
  readonly text: string;
}

/** The firewall as its tools list it. */
export interface Rulesets {
  readonly rules: readonly ListedRule[];
  /** Policy by tool, table and chain: `iptables-nft filter FORWARD` is `DROP`. */
  readonly policies: ReadonlyMap<string, string>;
}

const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/;

/** From the dump of one back-end of iptables. */
export const fromSave = (output: string, tool: string): Rulesets => {
  const rules: ListedRule[] = [];
  const policies = new Map<string, string>();
  let table = '';
  for (const line of output.split('\n')) {
    const [, chain = '', text = ''] = /^-A (\S+) ?(.*)$/.exec(line) ?? [];
    const [, declared = '', policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (chain !== '')
      rules.push({ tool, place: `${table} ${chain}`, text: ` ${text}`.replace(COMMENT, '').trim() });
    else if (declared !== '') policies.set(`${tool} ${table} ${declared}`, policy);
  }
  return { rules, policies };
};

/** From `nft -s list ruleset`. */
export const fromNft = (output: string): Rulesets => {
  const rules: ListedRule[] = [];
  let [table, chain] = ['', ''];
  for (const line of output.split('\n')) {
    const opened = /^(table|\tchain) (.*) \{$/.exec(line);
    if (opened?.[1] === 'table') [table, chain] = [opened[2] ?? '', ''];
    else if (opened) chain = opened[2] ?? '';
    else if (line === '\t}') chain = '';
    else if (chain !== '' && !/^\t\ttype \S+ hook /.test(line))
      rules.push({
        tool: 'nft',
        place: `${table} ${chain}`,
        text: line.trim().replace(/ comment "(?:[^"\\]|\\.)*"/, ''),
      });
  }
  return { rules, policies: new Map() };
};

export const joined = (all: readonly Rulesets[]): Rulesets => ({
  rules: all.flatMap(({ rules }) => rules),
  policies: new Map(all.flatMap(({ policies }) => [...policies])),
});

/** Whether a rule, or one that does the same, is there. */
export const hasRule = ({ rules }: Rulesets, { tool, place, text, alike }: WantedRule): boolean =>
  [{ place, text }, ...alike].some((wanted) =>
    rules.some((rule) => rule.tool === tool && rule.place === wanted.place && rule.text === wanted.text),
  );

export const hasChain = ({ policies }: Rulesets, tool: string, place: string): boolean =>
  policies.has(`${tool} ${place}`);
