import type { NftSet } from '../../parse/nft-json.js';
import { parseAddress, prefixMask } from '../address.js';
import type { Datum, Domain } from './domains.js';
import { listOf, member, named, textOf } from './json.js';
import type { KeyReading } from './operands.js';
import { constant } from './operands.js';

/** Whether a key lies in an element; `null` when that hangs on a value that is not known. */
type Element = (data: KeyReading['data']) => boolean | null;

/** An element of a set: a value, prefix, range, wildcard, or a concatenation of these. `null` when not understood. */
export const compileElement = (json: unknown, domains: readonly Domain[]): Element | null => {
  const inner = member(json, 'elem');
  if (inner !== undefined) return compileElement(member(inner, 'val'), domains);
  const concat = member(json, 'concat');
  const parts = concat === undefined ? [json] : listOf(concat);
  const tests = parts.map((part, index) => compilePart(part, domains[index]));
  if (parts.length !== domains.length || !tests.every((test) => test !== null)) return null;
  return (data) => {
    let isOpen = false;
    for (const [index, test] of tests.entries()) {
      const datum = data[index] ?? null;
      if (datum === null) isOpen = true;
      else if (!test(datum)) return false;
    }
    return isOpen ? null : true;
  };
};

const compilePart = (json: unknown, domain: Domain | undefined): ((datum: Datum) => boolean) | null => {
  if (domain === undefined) return null;
  const [kind, body] = named(json) ?? [];
  if (kind === 'range') {
    const [low, high] = listOf(body).map((end) => constant(end, domain));
    if (typeof low !== 'bigint' || typeof high !== 'bigint') return null;
    return (datum) => typeof datum === 'bigint' && datum >= low && datum <= high;
  }
  if (kind === 'prefix') {
    const [address, length] = [member(body, 'addr'), member(body, 'len')];
    return domain.prefixBits === undefined
      ? compilePrefix(address, length)
      : compileBitPrefix(domain, domain.prefixBits, address, length);
  }
  const value = constant(json, domain);
  if (value === null) return null;
  if (domain.wildcards && typeof value === 'string') return compileName(value);
  return (datum) => datum === value;
};

const compilePrefix = (address: unknown, length: unknown): ((datum: Datum) => boolean) | null => {
  const base = parseAddress(textOf(address) ?? '');
  if (base === null || typeof length !== 'number') return null;
  const mask = prefixMask(base.family, length);
  const network = base.value & mask;
  return (datum) => typeof datum === 'bigint' && (datum & mask) === network;
};

const compileBitPrefix = (
  domain: Domain,
  bits: number,
  value: unknown,
  length: unknown,
): ((datum: Datum) => boolean) | null => {
  const base = domain.parse(value);
  if (typeof base !== 'bigint' || typeof length !== 'number' || length < 0 || length > bits) return null;
  const shift = BigInt(bits - length);
  return (datum) => typeof datum === 'bigint' && datum >> shift === base >> shift;
};

/** Interface names: `eth*` is a wildcard, `eth\*` a star. */
const compileName = (pattern: string): ((datum: Datum) => boolean) => {
  if (pattern.endsWith('\\*')) return (datum) => datum === `${pattern.slice(0, -2)}*`;
  if (!pattern.endsWith('*')) return (datum) => datum === pattern;
  const prefix = pattern.slice(0, -1);
  return (datum) => typeof datum === 'string' && datum.startsWith(prefix);
};

/** Whether a key is in a set; `null` when that cannot be told. */
export const compileSet = (elements: readonly unknown[], domains: readonly Domain[]): Element => {
  if (elements.some((element) => element === '*')) return () => true;
  const tests = elements.map((element) => compileElement(element, domains));
  return (data) => {
    let isOpen = false;
    for (const test of tests) {
      const answer = test === null ? null : test(data);
      if (answer === true) return true;
      if (answer === null) isOpen = true;
    }
    return isOpen ? null : false;
  };
};

/** What a map holds for a key: its value, nothing (`undefined`), or one of several that it may be. */
export type MapAnswer = { readonly value: unknown } | { readonly candidates: readonly unknown[] };

export const compileMap = (
  elements: readonly unknown[],
  domains: readonly Domain[],
): ((data: KeyReading['data']) => MapAnswer) => {
  const entries = elements.map((element) => {
    const pair: readonly unknown[] = Array.isArray(element) ? element : [];
    return { key: pair[0], value: mapValue(pair[1]) };
  });
  const rest = entries.find((entry) => entry.key === '*')?.value;
  const tests = entries
    .filter((entry) => entry.key !== '*')
    .map((entry) => ({ has: compileElement(entry.key, domains), value: entry.value }));
  return (data) => {
    const candidates: unknown[] = [];
    for (const { has, value } of tests) {
      const answer = has === null ? null : has(data);
      if (answer === true) return { value };
      if (answer === null) candidates.push(value);
    }
    return candidates.length === 0 ? { value: rest } : { candidates: [...candidates, rest] };
  };
};

const mapValue = (json: unknown): unknown => member(member(json, 'elem'), 'val') ?? json;

/** All values of a map, for a key that is not known. */
export const mapValues = (elements: readonly unknown[]): readonly unknown[] =>
  elements.map((element) => (Array.isArray(element) ? mapValue(element[1]) : null));

/** Elements of `{"set": […]}` or `"@name"`; `null` when it is neither, or the set is not in the dump. */
export const elementsOf = (json: unknown, sets: ReadonlyMap<string, NftSet>): readonly unknown[] | null => {
  const name = textOf(json);
  if (name?.startsWith('@')) return sets.get(name.slice(1))?.elements ?? null;
  const anonymous = member(json, 'set');
  return anonymous === undefined ? null : listOf(anonymous);
};
