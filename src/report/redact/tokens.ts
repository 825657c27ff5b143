import { bitsOf, type Ip, type Network, networkOf, parseIp } from './ip.js';
import { parseMac } from './mac-book.js';

/**
 * What an address may look like in a text: a MAC address; a run of hexadecimal digits, colons and dots with two colons at
 * least; or four numbers with dots. With a prefix length or a netmask behind it, it is a network. The addresses of an
 * nft ruleset stand apart from their lengths.
 */
const TOKEN = new RegExp(
  [
    '(?<mac>(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:]))',
    '(?<six>(?<![0-9A-Fa-f:.])(?=[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:)[0-9A-Fa-f:.]+)',
    String.raw`(?<four>(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d))`,
  ].join('|') + String.raw`|(?<word>0x[0-9a-f]{8}\b|\b[0-9a-f]{8}\b(?=\/[0-9a-f]{8}))`,
  'g',
);
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
  text.replace(TOKEN, (token: string, ...rest: readonly unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<'mac' | 'six' | 'four' | 'word', string | undefined>>;
    const after = Number(rest.at(-3)) + token.length;
    if (groups.mac !== undefined)
      return likeCase(
        token,
        token.includes('-') ? reader.mac(parseMac(token)).replaceAll(':', '-') : reader.mac(parseMac(token)),
      );
    if (groups.word !== undefined) {
      const digits = token.replace('0x', '');
      return token.replace(digits, reader.word(digits) ?? digits);
    }
    if (groups.four !== undefined) return one(token, text, after, reader) ?? token;
    return longest(token, text, after, reader);
  });

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

/** `192.0.2.7/24` names a host and its network; `192.0.2.0/24` the network alone. */
const one = (token: string, text: string, after: number, reader: TokenReader): string | null => {
  const ip = parseIp(token);
  if (ip === null) return null;
  const length = lengthBehind(ip, text.slice(after, after + 24));
  if (length === null || length === bitsOf(ip.family)) return reader.address(ip);
  const network = networkOf(ip, length);
  if (network.value === ip.value) return reader.network(network);
  reader.network(network);
  return reader.address(ip);
};

const lengthBehind = (ip: Ip, rest: string): number | null => {
  const text = (LENGTH.exec(rest) ?? NFT_LENGTH.exec(rest))?.[1];
  if (text === undefined) return null;
  const length = text.includes('.') ? maskLength(text) : Number(text);
  return length === null || length > (ip.family === 4 ? 32 : 128) ? null : length;
};

const maskLength = (text: string): number | null => {
  const mask = parseIp(text);
  if (mask === null) return null;
  const bits = mask.value.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
};

const likeCase = (model: string, text: string): string => (/[A-F]/.test(model) ? text.toUpperCase() : text);
