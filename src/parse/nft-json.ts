import { asOfSchemaOne } from './nft-before-schema.js';
import { ParseError } from './parse-error.js';

/** A statement or expression of libnftables-json(5), kept as it came. */
export type NftJson = unknown;

export interface NftTable {
  readonly family: string;
  readonly name: string;
  readonly handle: number | null;
  readonly flags: readonly string[];
}

export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly handle: number | null;
  /** Set for a base chain. */
  readonly base: NftBaseChain | null;
}

export interface NftBaseChain {
  readonly type: string;
  readonly hook: string;
  /** As a number; `null` when the name is not one that nft(8) lists for the family. */
  readonly priority: number | null;
  readonly policy: 'accept' | 'drop';
  /** Devices of a netdev or ingress chain. */
  readonly devices: readonly string[];
}

export interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number | null;
  readonly comment: string | null;
  readonly expr: readonly NftJson[];
}

/** A set, or a map when `map` names the type of its values. */
export interface NftSet {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly type: NftJson;
  readonly map: NftJson | null;
  readonly flags: readonly string[];
  /** Elements as they came; `[key, value]` pairs for a map. */
  readonly elements: readonly NftJson[];
}

/** Flowtables and stateful objects (counter, quota, limit, ct helper, …). */
export interface NftObject {
  readonly kind: string;
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface NftRuleset {
  readonly version: string | null;
  readonly tables: readonly NftTable[];
  readonly chains: readonly NftChain[];
  readonly rules: readonly NftRule[];
  readonly sets: readonly NftSet[];
  readonly objects: readonly NftObject[];
}

const SOURCE = 'nft -j list ruleset';

const PRIORITIES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ip: { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 },
  bridge: { dstnat: -300, filter: -200, out: 100, srcnat: 300 },
  netdev: { filter: 0 },
};
const NAMED_PRIORITY = /^([a-z]+)(?:\s*([+-])\s*(\d+))?$/;

/**
 * Parses the JSON ruleset of all families, of nft 0.9.0 and later. Statements and expressions are not looked into: what nobody knows is kept.
 * Empty output is an empty ruleset.
 * @throws ParseError when the text is not JSON, is cut off, or an object lacks what names it.
 * @see libnftables-json(5)
 */
export const parseNftRuleset = (text: string): NftRuleset => {
  const ruleset: {
    version: string | null;
    tables: NftTable[];
    chains: NftChain[];
    rules: NftRule[];
    sets: NftSet[];
    objects: NftObject[];
  } = { version: null, tables: [], chains: [], rules: [], sets: [], objects: [] };
  if (text.trim() === '') return ruleset;
  const items = itemsOf(text);
  const isOld = !items.some((item) => isRecord(item['metainfo']) && 'json_schema_version' in item['metainfo']);
  items.forEach((item, index) => {
    const entry = entryOf(item, index + 1);
    const { kind } = entry;
    if (kind === 'metainfo') ruleset.version = optionalText(entry.body['version']);
    else if (kind === 'table') ruleset.tables.push(tableFrom(entry));
    else if (kind === 'chain') ruleset.chains.push(chainFrom(entry));
    else if (kind === 'rule') ruleset.rules.push(ruleFrom(entry, isOld));
    else if (kind === 'set' || kind === 'map') ruleset.sets.push(setFrom(entry));
    else if (kind !== 'element') ruleset.objects.push(objectFrom(entry));
  });
  return ruleset;
};

/** Priority of a base chain: a number, or a name with an offset as nft(8) writes it (`filter + 10`). */
export const nftPriority = (value: unknown, family: string): number | null => {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (/^-?\d+$/.test(value)) return Number(value);
  const [, name, sign, offset] = NAMED_PRIORITY.exec(value) ?? [];
  const names = PRIORITIES[family === 'bridge' || family === 'netdev' ? family : 'ip'];
  if (name === undefined || names === undefined || !Object.hasOwn(names, name)) return null;
  return (names[name] ?? 0) + (sign === '-' ? -1 : 1) * Number(offset ?? 0);
};

const itemsOf = (text: string): readonly Record<string, unknown>[] => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new ParseError(SOURCE, 1, `not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const items = isRecord(document) ? document['nftables'] : undefined;
  if (!Array.isArray(items) || !items.every(isRecord)) throw new ParseError(SOURCE, 1, 'no list "nftables"');
  return items;
};

/** One object of the list, with its number in it: nft prints them all in one line. */
interface Entry {
  readonly kind: string;
  readonly number: number;
  readonly body: Record<string, unknown>;
}

const entryOf = (item: Record<string, unknown>, number: number): Entry => {
  const [kind, body] = Object.entries(item)[0] ?? [];
  if (kind === undefined || !isRecord(body))
    throw new ParseError(SOURCE, null, `entry ${number} is not a named object`);
  return { kind, number, body };
};

const tableFrom = (entry: Entry): NftTable => ({
  family: text(entry, 'family'),
  name: text(entry, 'name'),
  handle: optionalNumber(entry.body['handle']),
  flags: textList(entry.body['flags']),
});

const chainFrom = (entry: Entry): NftChain => {
  const { body } = entry;
  const family = text(entry, 'family');
  const hook = optionalText(body['hook']);
  return {
    family,
    table: text(entry, 'table'),
    name: text(entry, 'name'),
    handle: optionalNumber(body['handle']),
    base:
      hook === null
        ? null
        : {
            type: optionalText(body['type']) ?? 'filter',
            hook,
            priority: nftPriority(body['prio'], family),
            policy: body['policy'] === 'drop' ? 'drop' : 'accept',
            devices: textList(body['dev']),
          },
  };
};

const ruleFrom = (entry: Entry, isOld: boolean): NftRule => ({
  family: text(entry, 'family'),
  table: text(entry, 'table'),
  chain: text(entry, 'chain'),
  handle: optionalNumber(entry.body['handle']),
  comment: optionalText(entry.body['comment']),
  expr: exprOf(entry.body['expr'], isOld),
});

const exprOf = (expr: unknown, isOld: boolean): readonly unknown[] => {
  if (!Array.isArray(expr)) return [];
  return isOld ? expr.map(asOfSchemaOne) : expr;
};

const setFrom = (entry: Entry): NftSet => ({
  family: text(entry, 'family'),
  table: text(entry, 'table'),
  name: text(entry, 'name'),
  type: entry.body['type'] ?? null,
  map: entry.body['map'] ?? null,
  flags: textList(entry.body['flags']),
  elements: Array.isArray(entry.body['elem']) ? entry.body['elem'] : [],
});

const objectFrom = ({ kind, body }: Entry): NftObject => ({
  kind,
  family: optionalText(body['family']) ?? '',
  table: optionalText(body['table']) ?? '',
  name: optionalText(body['name']) ?? '',
  body,
});

const text = ({ kind, number, body }: Entry, key: string): string => {
  const value = body[key];
  if (typeof value !== 'string') throw new ParseError(SOURCE, null, `entry ${number}, a ${kind}, has no ${key}`);
  return value;
};

const optionalText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const optionalNumber = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const textList = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
