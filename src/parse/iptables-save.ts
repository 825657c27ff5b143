import type { IptablesExtension, IptablesOption, IptablesRuleParts, IptablesTarget } from './iptables-tokens.js';
import { groupTokens, tokenise } from './iptables-tokens.js';
import { ParseError } from './parse-error.js';

export type { IptablesExtension, IptablesOption, IptablesTarget } from './iptables-tokens.js';

export interface IptablesCounter {
  readonly packets: number;
  readonly bytes: number;
}

export interface IptablesRule extends IptablesRuleParts {
  /** 1-based line of the dump. */
  readonly line: number;
  readonly chain: string;
  /** `null` when the dump was made without `-c`. */
  readonly counter: IptablesCounter | null;
  /** The rule as printed, from `-A` on. */
  readonly text: string;
  /** Text of `-m comment`. */
  readonly comment: string | null;
}

export interface IptablesChain {
  readonly name: string;
  /** `ACCEPT`, `DROP`; `null` for a user chain. */
  readonly policy: string | null;
  readonly counter: IptablesCounter | null;
  /** Number of its rules. */
  readonly size: number;
  readonly rules: readonly IptablesRule[];
}

export interface IptablesTable {
  readonly name: string;
  readonly chains: readonly IptablesChain[];
  /** All rules of the table in dump order, which is chain by chain. */
  readonly rules: readonly IptablesRule[];
  /** Comment and blank lines before the table, and before its COMMIT. */
  readonly leading: readonly string[];
  readonly inner: readonly string[];
}

export interface IptablesDump {
  readonly tables: readonly IptablesTable[];
  /** Tables that hold rules iptables cannot express, of which iptables-nft-save prints nothing but this fact. */
  readonly incompatible: readonly string[];
  readonly trailing: readonly string[];
}

const SOURCE = 'iptables-save';
const INCOMPATIBLE = /^# Table [`'](.+)' is incompatible/;
const CHAIN = /^:(\S+) (\S+)(?: \[(\d{1,20}):(\d{1,20})\])?$/;
const COUNTED = /^\[(\d{1,20}):(\d{1,20})\] $/;

const VALUE = '(?: (?:[^ "!-][^ ]*|"(?:[^"\\\\]|\\\\.)*"))';
const ONE = '(?:comment|string|hex-string|(?:log|nflog|ulog)-prefix)';
const LONG = `(?: (?:! )?--(?:${ONE}${VALUE}|(?!${ONE} )[\\w-]+${VALUE}*))`;
const SHORT = `(?: (?:! )?-(?:[io]${VALUE}|[sdpf46]${VALUE}*))`;
const NAME = ' [^ "!-][^ ]*';
/** The form that iptables-save gives nearly every rule. It needs no closer look to be known for well-formed. */
const PLAIN = new RegExp(`${SHORT}*(?: -m${NAME}${LONG}*)*(?: -[jg]${NAME}${LONG}*)?$`, 'y');

interface OpenTable {
  readonly name: string;
  readonly line: number;
  readonly leading: readonly string[];
  readonly chains: Map<string, DumpedChain>;
  readonly inner: string[];
}

/**
 * Parses the output of iptables-save, ip6tables-save and their legacy and nft variants, with or without `-c`.
 * Rules keep their words, so that extensions nobody knows survive; `renderIptablesSave` gives the text back.
 * @throws ParseError naming the line, for anything iptables-save does not print, a missing COMMIT included.
 * @see iptables-save(8)
 */
export const parseIptablesSave = (text: string): IptablesDump => {
  const tables: IptablesTable[] = [];
  const incompatible: string[] = [];
  let loose: string[] = [];
  let open: OpenTable | null = null;
  let chain: DumpedChain | null = null;
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text === '' ? [] : text.split('\n');
  let number = 0;
  for (const line of lines) {
    number += 1;
    if (line === '' || line.startsWith('#')) {
      const table = INCOMPATIBLE.exec(line)?.[1];
      if (table !== undefined) incompatible.push(table);
      (open?.inner ?? loose).push(line);
    } else if (line.startsWith('*')) {
      if (open) throw new ParseError(SOURCE, number, `table ${open.name} has no COMMIT before the next table`);
      open = { name: line.slice(1), line: number, leading: loose, chains: new Map(), inner: [] };
      loose = [];
      chain = null;
    } else if (open === null) {
      throw new ParseError(SOURCE, number, 'neither a comment nor the start of a table');
    } else if (line === 'COMMIT') {
      const { name, leading, chains, inner } = open;
      tables.push(new DumpedTable(name, leading, [...chains.values()], inner));
      open = null;
    } else if (line.startsWith(':')) {
      const { name, policy, counter } = parseChain(line, number);
      if (open.chains.has(name)) throw new ParseError(SOURCE, number, `chain ${name} is declared twice`);
      open.chains.set(name, new DumpedChain(name, policy, counter, lines));
    } else {
      const place = placeOfRule(line, number);
      chain = chainAt(line, place, chain, open.chains);
      if (chain === null)
        throw new ParseError(SOURCE, number, `chain ${line.slice(place.from, place.end)} is not declared`);
      chain.numbers.push(number);
    }
  }
  if (open) throw new ParseError(SOURCE, open.line, `table ${open.name} has no COMMIT: the output is cut off`);
  return { tables, incompatible, trailing: loose };
};

const UNMET_USER_CHAIN = ' - [0:0]';

const parseChain = (line: string, number: number): Pick<IptablesChain, 'name' | 'policy' | 'counter'> => {
  const end = line.length - UNMET_USER_CHAIN.length;
  if (end > 1 && line.endsWith(UNMET_USER_CHAIN) && line.indexOf(' ') === end)
    return { name: line.slice(1, end), policy: null, counter: NEVER_MET };
  const [, name, policy, packets, bytes] = CHAIN.exec(line) ?? [];
  if (name === undefined || policy === undefined) throw new ParseError(SOURCE, number, 'not a chain declaration');
  return { name, policy: policy === '-' ? null : policy, counter: counterFrom(packets, bytes) };
};

/** Where a line of a rule has `-A`, and the name of the chain after it. */
interface RulePlace {
  readonly start: number;
  readonly from: number;
  readonly end: number;
}

/** Looked for by hand: of a dump of 70,000 rules, patterns would make half a million strings. */
const findRule = (line: string): RulePlace => {
  const start = line.startsWith('-A ') ? 0 : line.indexOf('] -A ') + '] '.length;
  const from = start + '-A '.length;
  const space = line.indexOf(' ', from);
  return { start, from, end: space === -1 ? line.length : space };
};

/** @throws ParseError for what is no rule */
const placeOfRule = (line: string, number: number): RulePlace => {
  const place = findRule(line);
  const { start, from, end } = place;
  if (ruleCounter(line, start) === undefined || end === from) throw new ParseError(SOURCE, number, 'not a rule');
  PLAIN.lastIndex = end;
  if (!PLAIN.test(line)) takeApart(line.slice(end), number);
  return place;
};

/** The chain that a rule names: nearly always that of the rule before. */
const chainAt = (
  line: string,
  { from, end }: RulePlace,
  before: DumpedChain | null,
  chains: ReadonlyMap<string, DumpedChain>,
): DumpedChain | null =>
  before !== null && before.name.length === end - from && line.startsWith(before.name, from)
    ? before
    : (chains.get(line.slice(from, end)) ?? null);

/** The counter before a rule; `null` where there is none, `undefined` for something else. */
const ruleCounter = (line: string, end: number): IptablesCounter | null | undefined => {
  if (end === 0) return null;
  if (end === UNMET.length && line.startsWith(UNMET)) return NEVER_MET;
  const [counted, packets, bytes] = COUNTED.exec(line.slice(0, end)) ?? [];
  return counted === undefined ? undefined : counterFrom(packets, bytes);
};

const UNMET = '[0:0] ';

/**
 * A chain that makes its rules from their lines when somebody asks: of a large ruleset a packet meets few, and all would be
 * most of the work and of the memory. The lines are known to be rules.
 */
class DumpedChain implements IptablesChain {
  readonly name: string;
  readonly policy: string | null;
  readonly counter: IptablesCounter | null;
  /** Numbers of the lines of its rules. */
  readonly numbers: number[] = [];
  readonly #lines: readonly string[];
  #rules: readonly IptablesRule[] | null = null;

  constructor(name: string, policy: string | null, counter: IptablesCounter | null, lines: readonly string[]) {
    this.name = name;
    this.policy = policy;
    this.counter = counter;
    this.#lines = lines;
  }

  get size(): number {
    return this.numbers.length;
  }

  get rules(): readonly IptablesRule[] {
    this.#rules ??= this.numbers.map((number) => this.#rule(number));
    return this.#rules;
  }

  #rule(number: number): IptablesRule {
    const line = this.#lines[number - 1] ?? '';
    const { start } = findRule(line);
    return new SavedRule(number, this.name, ruleCounter(line, start) ?? null, line.slice(start));
  }
}

class DumpedTable implements IptablesTable {
  readonly name: string;
  readonly leading: readonly string[];
  readonly chains: readonly IptablesChain[];
  readonly inner: readonly string[];

  constructor(name: string, leading: readonly string[], chains: readonly IptablesChain[], inner: readonly string[]) {
    this.name = name;
    this.leading = leading;
    this.chains = chains;
    this.inner = inner;
  }

  get rules(): readonly IptablesRule[] {
    return this.chains.flatMap(({ rules }) => rules).sort((one, other) => one.line - other.line);
  }
}

/** A rule that is taken apart when somebody asks. */
class SavedRule implements IptablesRule {
  readonly line: number;
  readonly chain: string;
  readonly counter: IptablesCounter | null;
  readonly text: string;
  #parts: IptablesRuleParts | null = null;

  constructor(line: number, chain: string, counter: IptablesCounter | null, text: string) {
    this.line = line;
    this.chain = chain;
    this.counter = counter;
    this.text = text;
  }

  get options(): readonly IptablesOption[] {
    return this.#all().options;
  }

  get matches(): readonly IptablesExtension[] {
    return this.#all().matches;
  }

  get target(): IptablesTarget | null {
    return this.#all().target;
  }

  get comment(): string | null {
    return this.matches.find((match) => match.name === 'comment')?.options[0]?.values[0] ?? null;
  }

  #all(): IptablesRuleParts {
    this.#parts ??= takeApart(this.text.slice('-A '.length + this.chain.length), this.line);
    return this.#parts;
  }
}

/** The parts of a rule from what follows the name of its chain. @throws ParseError for words that are no rule */
const takeApart = (text: string, line: number): IptablesRuleParts => {
  const tokens = tokenise(text);
  if (tokens === null) throw new ParseError(SOURCE, line, 'a quote is not closed');
  const parts = groupTokens(tokens);
  if (typeof parts === 'string') throw new ParseError(SOURCE, line, `${parts} stands where an option must`);
  return parts;
};

const NEVER_MET: IptablesCounter = { packets: 0, bytes: 0 };

const counterFrom = (packets: string | undefined, bytes: string | undefined): IptablesCounter | null => {
  if (packets === undefined || bytes === undefined) return null;
  return packets === '0' && bytes === '0' ? NEVER_MET : { packets: Number(packets), bytes: Number(bytes) };
};

/** The text that `parseIptablesSave` read; comments inside a table move to its end, where iptables-save has none. */
export const renderIptablesSave = (dump: IptablesDump): string => {
  const lines = dump.tables.flatMap((table) => [
    ...table.leading,
    `*${table.name}`,
    ...table.chains.map((chain) => {
      const counter = chain.counter ? ` [${chain.counter.packets}:${chain.counter.bytes}]` : '';
      return `:${chain.name} ${chain.policy ?? '-'}${counter}`;
    }),
    ...table.rules.map(({ counter, text }) => `${counter ? `[${counter.packets}:${counter.bytes}] ` : ''}${text}`),
    ...table.inner,
    'COMMIT',
  ]);
  return [...lines, ...dump.trailing].map((line) => `${line}\n`).join('');
};
