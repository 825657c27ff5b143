import { ParseError } from './parse-error.js';

/** One set of `ipset save`. */
export interface Ipset {
  readonly name: string;
  /** `hash:ip`, `hash:net,port`, `bitmap:port`, `list:set`, … */
  readonly type: string;
  /** Options of its `create` line: `family`, `hashsize`, `timeout`, … */
  readonly options: ReadonlyMap<string, string>;
  readonly entries: readonly IpsetEntry[];
  readonly line: number;
}

export interface IpsetEntry {
  /** The element as it stands: `10.0.0.0/8`, `10.0.0.1,tcp:80`. */
  readonly element: string;
  /** `nomatch`: what the element holds is not in the set. */
  readonly nomatch: boolean;
  /** What follows the element, as printed. */
  readonly rest: string;
}

const SOURCE = 'ipset save';
const LINE = /^(create|add) (\S+) (\S+)(?: (.*))?$/;

/** Words of a line; one in double quotes is one word. */
const wordsOf = (text: string): readonly string[] => text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];

/** Options that stand without a value. */
const FLAGS = new Set(['counters', 'comment', 'skbinfo', 'forceadd', 'netmask-all']);

/**
 * Sets of `ipset save` in the order in which they are made.
 * @throws ParseError naming the line
 * @see ipset(8)
 */
export const parseIpsetSave = (text: string): readonly Ipset[] => {
  const sets = new Map<string, Ipset & { readonly entries: IpsetEntry[] }>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, verb, name, word, rest = ''] = LINE.exec(line) ?? [];
    if (name === undefined || word === undefined) throw new ParseError(SOURCE, index + 1, 'neither create nor add');
    if (verb === 'create') {
      if (sets.has(name)) throw new ParseError(SOURCE, index + 1, `set ${name} is created twice`);
      sets.set(name, { name, type: word, options: optionsOf(rest, index + 1), entries: [], line: index + 1 });
    } else {
      const set = sets.get(name);
      if (set === undefined) throw new ParseError(SOURCE, index + 1, `set ${name} is not created before`);
      set.entries.push({ element: word, nomatch: wordsOf(rest).includes('nomatch'), rest });
    }
  }
  return [...sets.values()];
};

const optionsOf = (text: string, line: number): ReadonlyMap<string, string> => {
  const options = new Map<string, string>();
  const words = wordsOf(text)[Symbol.iterator]();
  for (const name of words) {
    if (options.has(name)) throw new ParseError(SOURCE, line, `option ${name} is given twice`);
    const value = FLAGS.has(name) ? '' : words.next().value;
    if (value === undefined) throw new ParseError(SOURCE, line, `option ${name} has no value`);
    options.set(name, value);
  }
  return options;
};

/** The text that `parseIpsetSave` read. */
export const renderIpsetSave = (sets: readonly Ipset[]): string =>
  sets
    .flatMap(({ name, type, options, entries }) => [
      ['create', name, type, ...[...options].flatMap(([key, value]) => (value === '' ? [key] : [key, value]))].join(
        ' ',
      ),
      ...entries.map(({ element, rest }) => ['add', name, element, ...(rest === '' ? [] : [rest])].join(' ')),
    ])
    .map((line) => `${line}\n`)
    .join('');
