/** One word of a rule. `quoted` words are never options, whatever they begin with. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** An option with its values; `! --dport 80` and the older `--dport ! 80` are both negated. */
export interface IptablesOption {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

/** A match or a target with its own options. Extensions that nobody knows are kept as they stand. */
export interface IptablesExtension {
  readonly name: string;
  readonly options: readonly IptablesOption[];
}

export interface IptablesTarget extends IptablesExtension {
  readonly kind: 'jump' | 'goto';
}

export interface IptablesRuleParts {
  /** `-s -d -i -o -p -f`, which belong to no extension. */
  readonly options: readonly IptablesOption[];
  readonly matches: readonly IptablesExtension[];
  readonly target: IptablesTarget | null;
}

const ESCAPED = /\\(.)/g;

/**
 * Splits a rule into words as iptables-restore does: a word that begins with a double quote ends at the next one that
 * no backslash escapes. Returns `null` when a quote stays open.
 */
export const tokenise = (text: string): readonly Token[] | null => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1;
    } else if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1) return null;
      tokens.push({ text: text.slice(at + 1, end).replace(ESCAPED, '$1'), quoted: true });
      at = end + 1;
    } else {
      const space = text.indexOf(' ', at);
      const end = space === -1 ? text.length : space;
      tokens.push({ text: text.slice(at, end), quoted: false });
      at = end;
    }
  }
  return tokens;
};

const closingQuote = (text: string, from: number): number => {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
};

/** Options whose one value may begin with a dash without being quoted. */
const TAKES_ANY_WORD = new Set([
  '-i',
  '-o',
  '-m',
  '-j',
  '-g',
  '--comment',
  '--log-prefix',
  '--nflog-prefix',
  '--ulog-prefix',
  '--string',
  '--hex-string',
]);
const BASIC = new Set(['-s', '-d', '-i', '-o', '-p', '-f', '-4', '-6']);

/** Sorts the words of a rule into its own options, its matches and its target. Returns the offending word on failure. */
export const groupTokens = (tokens: readonly Token[]): IptablesRuleParts | string => {
  const options: IptablesOption[] = [];
  const matches: { name: string; options: IptablesOption[] }[] = [];
  let target: { name: string; kind: 'jump' | 'goto'; options: IptablesOption[] } | null = null;
  let extension: IptablesOption[] | null = null;
  const reader = optionReader(tokens);
  for (let option = reader(); option !== null; option = reader()) {
    if (typeof option === 'string') return option;
    const [name] = option.values;
    if (option.name === '-m') {
      if (name === undefined) return '-m';
      const match = { name, options: [] };
      matches.push(match);
      extension = match.options;
    } else if (option.name === '-j' || option.name === '-g') {
      if (name === undefined || target !== null) return option.name;
      target = { name, kind: option.name === '-j' ? 'jump' : 'goto', options: [] };
      extension = target.options;
    } else if (BASIC.has(option.name)) {
      options.push(option);
    } else {
      if (extension === null) return option.name;
      extension.push(option);
    }
  }
  return { options, matches, target };
};

/** The words of a rule of ebtables or arptables: options that belong to no extension, and where it leads. */
export interface FlatRuleParts {
  readonly options: readonly IptablesOption[];
  readonly target: { readonly name: string; readonly kind: 'jump' } | null;
}

/** Sorts the words of a rule whose options stand in any order around its `-j`. Returns the offending word on failure. */
export const flatTokens = (tokens: readonly Token[]): FlatRuleParts | string => {
  const options: IptablesOption[] = [];
  let target: FlatRuleParts['target'] = null;
  const reader = optionReader(tokens);
  for (let option = reader(); option !== null; option = reader()) {
    if (typeof option === 'string') return option;
    if (option.name !== '-j') {
      options.push(option);
      continue;
    }
    const [name] = option.values;
    if (name === undefined || target !== null) return '-j';
    target = { name, kind: 'jump' };
  }
  return { options, target };
};

/** Reads one option after the other; `null` at the end, the offending word when there is no option where one must be. */
const optionReader = (tokens: readonly Token[]): (() => IptablesOption | string | null) => {
  let at = 0;
  return () => {
    let negated = isBang(tokens[at]);
    if (negated) at += 1;
    const first = tokens[at];
    if (first === undefined) return negated ? '!' : null;
    if (!isOption(first)) return first.text;
    at += 1;
    if (isBang(tokens[at]) && isValue(tokens[at + 1])) {
      negated = true;
      at += 1;
    }
    const values: string[] = [];
    const only = tokens[at];
    if (TAKES_ANY_WORD.has(first.text)) {
      if (only !== undefined) values.push(only.text);
      at += 1;
    } else {
      for (let next = tokens[at]; next !== undefined && isValue(next); next = tokens[at]) {
        values.push(next.text);
        at += 1;
      }
    }
    return { name: first.text, negated, values };
  };
};

const isBang = (token: Token | undefined): boolean => token !== undefined && !token.quoted && token.text === '!';
const isOption = (token: Token): boolean => !token.quoted && token.text.startsWith('-');
const isValue = (token: Token | undefined): boolean => token !== undefined && !isBang(token) && !isOption(token);
