import { bitsOf, type Ip, type Network, networkOf, parseIp } from './ip.js';
import { parseMac } from './mac-book.js';

/**
 * What an address may look like in a text: a MAC address; a run of hexadecimal digits, colons and dots with two colons at
 * least; or four numbers with dots. With a prefix length or a netmask behind it, it is a network. The addresses of an
 * nft ruleset stand apart from their lengths.
 */
const TOKEN = new RegExp(
  // Most places of a text begin none of them, and are left at the first character.
  '(?=[0-9A-Fa-f:.])(?:' +
    [
      '((?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:]))',
      '((?<![0-9A-Fa-f:.])(?=[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:)[0-9A-Fa-f:.]+)',
      String.raw`((?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d))`,
      String.raw`(0x[0-9a-f]{8}\b|\b[0-9a-f]{8}\b(?=\/[0-9a-f]{8}))`,
    ].join('|') +
    ')',
  'g',
);
const SLASH = 47;
const QUOTE = 34;
const LENGTH = /^\/(\d{1,3}(?:\.\d{1,3}){3}|\d{1,3})(?![\d.])/;
const NFT_LENGTH = /^",\s*"len":\s*(\d{1,3})/;
/** The longest text of an IPv6 address, with punctuation around it. */
const MOST_RUN = 60;
const FOUR = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/g;

export interface TokenReader {
  mac(mac: bigint): string;
  address(ip: Ip): string;
  network(network: Network): string;
  /** A 32-bit word in hexadecimal, as filters write addresses; `null` when it is none. */
  word(digits: string): string | null;
}

/** Replaces every address and MAC in a text by what the reader gives; all else stays as it is. */
export const replaceTokens = (text: string, reader: TokenReader): string =>
  text.replace(TOKEN, (token: string, mac?: string, six?: string, four?: string, word?: string, offset = 0) => {
    if (mac !== undefined) return likeMac(token, reader.mac(parseMac(token)));
    if (word !== undefined) {
      const digits = token.replace('0x', '');
      return token.replace(digits, reader.word(digits) ?? digits);
    }
    const after = offset + token.length;
    if (four !== undefined) return one(token, text, after, reader) ?? token;
    return six === undefined ? token : longest(token, text, after, reader);
  });

/** In the case and with the separators of the original. */
const likeMac = (model: string, mac: string): string => {
  const text = model.includes('-') ? mac.replaceAll(':', '-') : mac;
  return /[A-F]/.test(model) ? text.toUpperCase() : text;
};

/** A run that is an IPv6 address, or is one once what is glued to it is gone, or that holds IPv4 addresses. */
const longest = (run: string, text: string, after: number, reader: TokenReader): string => {
  const start = after - run.length;
  for (const [from, to] of run.length > MOST_RUN ? [] : windows(run)) {
    const found = one(run.slice(from, to), text, start + to, reader);
    if (found !== null) return run.slice(0, from) + found + run.slice(to);
  }
  return run.replace(FOUR, (token, offset: number) => one(token, text, start + offset + token.length, reader) ?? token);
};

/** The whole run, then without its edges, then without its first groups or its last ones. */
const windows = (run: string): readonly (readonly [number, number])[] => {
  const first = run.length - run.replace(/^[:.]+/, '').length;
  const last = run.replace(/[:.]+$/, '').length;
  const groups = [...run.matchAll(/:/g)].map(({ index }) => index);
  return [
    [0, run.length],
    [0, last],
    [0, Math.max(0, run.length - 1)],
    [1, run.length],
    [first, run.length],
    [first, last],
    ...groups.map((at) => [at + 1, last] as const),
    ...groups.toReversed().map((at) => [first, at] as const),
  ];
};

/** What each reader said about each token: a dump names the same few addresses again and again. */
const known = new WeakMap<TokenReader, Map<string, string | null>>();

const one = (token: string, text: string, after: number, reader: TokenReader): string | null => {
  const length = lengthText(text, after);
  const key = length === null ? token : `${token}/${length}`;
  const answers = known.get(reader) ?? new Map<string, string | null>();
  known.set(reader, answers);
  const earlier = answers.get(key);
  if (earlier !== undefined) return earlier;
  const answer = ask(token, length, reader);
  answers.set(key, answer);
  return answer;
};

/** `192.0.2.7/24` names a host and its network; `192.0.2.0/24` the network alone. */
const ask = (token: string, text: string | null, reader: TokenReader): string | null => {
  const ip = parseIp(token);
  if (ip === null) return null;
  const length = text === null ? null : lengthOf(ip, text);
  if (length === null || length === bitsOf(ip.family)) return reader.address(ip);
  const network = networkOf(ip, length);
  if (network.value === ip.value) return reader.network(network);
  reader.network(network);
  return reader.address(ip);
};

/** A prefix length or netmask behind an address. */
const lengthText = (text: string, after: number): string | null => {
  const next = text.charCodeAt(after);
  if (next !== SLASH && next !== QUOTE) return null;
  const rest = text.slice(after, after + 24);
  return (LENGTH.exec(rest) ?? NFT_LENGTH.exec(rest))?.[1] ?? null;
};

const lengthOf = (ip: Ip, text: string): number | null => {
  const length = text.includes('.') ? maskLength(text) : Number(text);
  return length === null || length > bitsOf(ip.family) ? null : length;
};

const maskLength = (text: string): number | null => {
  const mask = parseIp(text);
  if (mask === null) return null;
  const bits = mask.value.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
};
