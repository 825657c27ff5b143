import { ParseError } from './parse-error.js';

/** One object of the list of `nft -j list ruleset`, and where it stands in the text. */
export interface NftEntry {
  /** `rule`, `chain`, `metainfo`, … */
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** 1-based, in the list: nft prints them all in one line. */
  readonly number: number;
  /** Offsets of the object's first character and of what follows it. */
  readonly from: number;
  readonly to: number;
}

export const NFT_SOURCE = 'nft -j list ruleset';

/**
 * The objects of a ruleset one after the other. Each is parsed by itself and may be forgotten before the next, so that a
 * large ruleset is never held as text and as objects at once.
 * @param text output of `nft -j list ruleset`; empty output has no objects
 * @throws ParseError when the text is not JSON, is cut off, or has no list `nftables`; what came before was already given
 * @see libnftables-json(5)
 */
export function* nftEntries(text: string): Generator<NftEntry> {
  if (skipSpace(text, 0) === text.length) return;
  let number = 0;
  for (const [from, to] of elements(text)) {
    number += 1;
    const item = parsed(text, from, to, `entry ${number}`);
    const [kind, body] = isRecord(item) ? (Object.entries(item)[0] ?? []) : [];
    if (kind === undefined || !isRecord(body))
      throw new ParseError(NFT_SOURCE, lineAt(text, from), `entry ${number} is not a named object`);
    yield { kind, body, number, from, to };
  }
}

const LIST = 'nftables';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the elements of the list stand in the document. */
function* elements(text: string): Generator<readonly [from: number, to: number]> {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') throw new ParseError(NFT_SOURCE, 1, `no list "${LIST}"`);
  let lists = 0;
  do {
    const colon = endOfValue(text, at + 1);
    if (text[colon] !== ':') throw new ParseError(NFT_SOURCE, lineAt(text, at), `no list "${LIST}"`);
    const name = parsed(text, at + 1, colon, 'a name');
    const value = skipSpace(text, colon + 1);
    if (name === LIST && text[value] === '[') {
      lists += 1;
      at = skipSpace(text, value + 1);
      if (text[at] !== ']')
        for (let from = at; ; from = skipSpace(text, at + 1)) {
          at = endOfValue(text, from);
          yield [from, at];
          if (text[at] !== ',') break;
        }
      if (text[at] !== ']') throw cutOff(text);
      at = skipSpace(text, at + 1);
    } else {
      if (name === LIST) throw new ParseError(NFT_SOURCE, lineAt(text, value), `"${LIST}" is no list`);
      at = endOfValue(text, value);
      parsed(text, value, at, `the value of ${JSON.stringify(name)}`);
    }
  } while (text[at] === ',');
  if (text[at] !== '}') throw cutOff(text);
  const rest = skipSpace(text, at + 1);
  if (rest !== text.length) throw new ParseError(NFT_SOURCE, lineAt(text, rest), 'not JSON (more after its end)');
  if (lists !== 1) throw new ParseError(NFT_SOURCE, 1, lists === 0 ? `no list "${LIST}"` : `more than one "${LIST}"`);
}

const parsed = (text: string, from: number, to: number, what: string): unknown => {
  try {
    return JSON.parse(text.slice(from, to));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ParseError(NFT_SOURCE, lineAt(text, from), `${what} is not JSON (${why})`);
  }
};

const cutOff = (text: string): ParseError =>
  new ParseError(NFT_SOURCE, lineAt(text, text.length), 'not JSON (cut off, or a bracket too many)');

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  return at;
};

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where the value that stands at an offset ends: at the `,`, `:` or closing bracket after it, or at the end of the text. */
const endOfValue = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (depth === 0 && (code === COMMA || code === COLON)) return at;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return text.length;
};

/** Offset of the quote that ends a string. */
const endOfString = (text: string, from: number): number => {
  let end = from;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
};
