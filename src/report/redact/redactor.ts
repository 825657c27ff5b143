import { isRecord } from '../unknown.js';
import type { AddressBook } from './address-book.js';
import { replaceDomains, replaceMails } from './domains.js';
import type { Ip } from './ip.js';
import { formatMac } from './mac-book.js';
import type { NameBook } from './name-book.js';
import { replaceSecrets } from './secrets.js';
import { replaceTokens, type TokenReader } from './tokens.js';

const HOME = /(\/home\/)([^/\s"':]+)((?:\/[^\s"':]+)?)/g;
const LONG_ID = /\b[0-9a-f]{64}\b/g;

/** Fields whose values are our own identifiers, never a name of the user's. */
const OWN_FIELDS = new Set(
  'id hop fromHop toHop role netns stage stages kind way rank cause check code link status protocol confidence direction field outcome reason schema formatVersion token data'.split(
    ' ',
  ),
);
const IDENTIFIER = /^[\w.+/=-]*$/;
const PLAIN_KEY = /^\w+$/;

/** Replaces what must not leave the host, in texts and in whole documents. */
export class Redactor {
  readonly #addresses: AddressBook;
  readonly #names: NameBook;
  readonly #devices: ReadonlySet<string>;
  readonly #reader: TokenReader;

  /** @param devices interface names, which stay, however they look */
  constructor(addresses: AddressBook, names: NameBook, words: ReadonlyMap<string, Ip>, devices: ReadonlySet<string>) {
    this.#addresses = addresses;
    this.#names = names;
    this.#devices = devices;
    this.#reader = {
      mac: (mac) => formatMac(addresses.macs.aliasNumber(mac)),
      address: (ip) => addresses.alias(ip),
      network: (network) => addresses.network(network),
      word: (digits) => this.#word(words, digits),
    };
  }

  text(text: string): string {
    const names = this.#names;
    let result = replaceSecrets(text, (secret) => names.alias('secret', secret));
    result = replaceMails(result, (mail) => names.alias('mail', mail));
    if (result.includes('/home/'))
      result = result.replace(
        HOME,
        (_all, home: string, user: string, rest: string) =>
          `${home}${names.alias('user', user)}${rest === '' ? '' : `/${names.alias('path', rest)}`}`,
      );
    result = result.replace(LONG_ID, (id) => names.alias('id', id));
    result = names.replaceKnown(result);
    result = replaceDomains(result, (name) => (this.#devices.has(name) ? name : names.alias('dns', name)));
    return replaceTokens(result, this.#reader);
  }

  /** A document with every text and every telling key replaced. Our own identifiers stay. */
  value<T>(value: T): T {
    return this.#walk(value, null) as T;
  }

  #walk(value: unknown, field: string | null): unknown {
    if (typeof value === 'string')
      return field !== null && OWN_FIELDS.has(field) && IDENTIFIER.test(value) ? value : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, field));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [PLAIN_KEY.test(key) ? key : this.text(key), this.#walk(child, key)]),
    );
  }

  /** A filter names an address, or 32 bits of one, in hexadecimal. */
  #word(words: ReadonlyMap<string, Ip>, digits: string): string | null {
    const ip = words.get(digits);
    if (ip === undefined) return null;
    const alias = this.#addresses.aliasValue(ip);
    const hex = (value: bigint) => value.toString(16).padStart(ip.family === 4 ? 8 : 32, '0');
    const at = hex(ip.value).indexOf(digits);
    return hex(alias).slice(at, at + 8);
  }
}

/** The 32-bit words of addresses, as filters write them. */
export const wordsOf = (addresses: Iterable<Ip>): ReadonlyMap<string, Ip> => {
  const words = new Map<string, Ip>();
  for (const ip of addresses) {
    const hex = ip.value.toString(16).padStart(ip.family === 4 ? 8 : 32, '0');
    for (let at = 0; at < hex.length; at += 8) {
      const word = hex.slice(at, at + 8);
      if (word !== '00000000' && word !== 'ffffffff') words.set(word, ip);
    }
  }
  return words;
};
