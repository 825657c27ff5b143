import type { IptablesCounter } from './iptables-save.js';
import type { FlatRuleParts, Token } from './iptables-tokens.js';
import { flatTokens, tokenise } from './iptables-tokens.js';
import { ParseError } from './parse-error.js';

/** One rule of ebtables or arptables. */
export interface FrameRule extends FlatRuleParts {
  /** 1-based line of the dump. */
  readonly line: number;
  readonly chain: string;
  /** `null` when the dump was made without counters. */
  readonly counter: IptablesCounter | null;
  /** The rule as printed, from `-A` on, without its counter. */
  readonly text: string;
  readonly tokens: readonly Token[];
  /** How the counter was written: before the rule, or as its last option. */
  readonly counterStyle: 'brackets' | 'option' | null;
}

export interface FrameChain {
  readonly name: string;
  /** `ACCEPT`, `DROP`, `RETURN`; user chains of ebtables have one too; `-` for those of arptables. */
  readonly policy: string;
  readonly counter: IptablesCounter | null;
}

export interface FrameTable {
  readonly name: string;
  readonly chains: readonly FrameChain[];
  readonly rules: readonly FrameRule[];
  /** Comment and blank lines before the table. */
  readonly leading: readonly string[];
}

export interface FrameDump {
  readonly tables: readonly FrameTable[];
  /** Comment and blank lines after the last rule. */
  readonly trailing: readonly string[];
}

const CHAIN = /^:(\S+) (\S+)(?: \[(\d{1,20}):(\d{1,20})\])?$/;
const RULE = /^(?:\[(\d{1,20}):(\d{1,20})\] )?-A (\S+)(?: (.*?))??(?: -c (\d{1,20}) (\d{1,20}))?$/;

interface OpenTable extends FrameTable {
  readonly chains: FrameChain[];
  readonly rules: FrameRule[];
}

/**
 * Parses what ebtables-save and arptables-save print, of either back-end: tables as in iptables-save, but without COMMIT,
 * and rules whose options belong to no extension. An option that nobody knows is kept; `renderFrameSave` gives the text back.
 * @throws ParseError naming the line, for anything that these programs do not print
 */
export const parseFrameSave = (text: string, source: string): FrameDump => {
  const tables: OpenTable[] = [];
  let loose: string[] = [];
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n');
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const open = tables.at(-1);
    if (line === '' || line.startsWith('#')) {
      loose.push(line);
    } else if (line.startsWith('*')) {
      tables.push({ name: line.slice(1), chains: [], rules: [], leading: loose });
      loose = [];
    } else if (open === undefined) {
      throw new ParseError(source, number, 'neither a comment nor the start of a table');
    } else if (loose.length > 0) {
      throw new ParseError(source, number, 'a rule or chain after the end of its table');
    } else if (line.startsWith(':')) {
      const chain = parseChain(line, number, source);
      if (open.chains.some(({ name }) => name === chain.name))
        throw new ParseError(source, number, `chain ${chain.name} is declared twice`);
      open.chains.push(chain);
    } else {
      const rule = parseRule(line, number, source);
      if (!open.chains.some(({ name }) => name === rule.chain))
        throw new ParseError(source, number, `chain ${rule.chain} is not declared`);
      open.rules.push(rule);
    }
  }
  return { tables, trailing: loose };
};

const parseChain = (line: string, number: number, source: string): FrameChain => {
  const [, name, policy, packets, bytes] = CHAIN.exec(line) ?? [];
  if (name === undefined || policy === undefined) throw new ParseError(source, number, 'not a chain declaration');
  return { name, policy, counter: counterFrom(packets, bytes) };
};

const parseRule = (line: string, number: number, source: string): FrameRule => {
  const [, packets, bytes, chain, body, lastPackets, lastBytes] = RULE.exec(line) ?? [];
  if (chain === undefined) throw new ParseError(source, number, 'not a rule');
  const tokens = tokenise(body ?? '');
  if (tokens === null) throw new ParseError(source, number, 'a quote is not closed');
  const parts = flatTokens(tokens);
  if (typeof parts === 'string') throw new ParseError(source, number, `${parts} stands where an option must`);
  const before = counterFrom(packets, bytes);
  const after = counterFrom(lastPackets, lastBytes);
  if (before !== null && after !== null) throw new ParseError(source, number, 'a rule has two counters');
  return {
    line: number,
    chain,
    counter: before ?? after,
    counterStyle: before ? 'brackets' : after ? 'option' : null,
    text: `-A ${chain}${body === undefined ? '' : ` ${body}`}`,
    tokens,
    ...parts,
  };
};

const counterFrom = (packets: string | undefined, bytes: string | undefined): IptablesCounter | null =>
  packets === undefined || bytes === undefined ? null : { packets: Number(packets), bytes: Number(bytes) };

/** The text that `parseFrameSave` read. */
export const renderFrameSave = ({ tables, trailing }: FrameDump): string => {
  const lines = tables.flatMap((table) => [
    ...table.leading,
    `*${table.name}`,
    ...table.chains.map(({ name, policy, counter }) => {
      const counted = counter ? ` [${counter.packets}:${counter.bytes}]` : '';
      return `:${name} ${policy}${counted}`;
    }),
    ...table.rules.map(({ counter, counterStyle, text }) => {
      if (counter === null) return text;
      const { packets, bytes } = counter;
      return counterStyle === 'option' ? `${text} -c ${packets} ${bytes}` : `[${packets}:${bytes}] ${text}`;
    }),
  ]);
  return [...lines, ...trailing].map((line) => `${line}\n`).join('');
};
