import { asOfSchemaOne } from './nft-before-schema.js';
import { NFT_SOURCE, type NftEntry, nftEntries } from './nft-entries.js';
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
  const ruleset = readNftRuleset(text);
  return {
    ...ruleset,
    rules: ruleset.rules.map((rule) => ({ ...rule, expr: rule.expr })),
    sets: ruleset.sets.map((set) => ({ ...set, elements: set.elements })),
  };
};

/**
 * The same for large rulesets: the statements of a rule and the elements of a set stay in the text, and are parsed anew each
 * time that somebody asks for them. Everything has been parsed once before this returns.
 * @throws ParseError as `parseNftRuleset`
 */
export const readNftRuleset = (text: string): NftRuleset => {
  const ruleset: {
    version: string | null;
    tables: NftTable[];
    chains: NftChain[];
    rules: NftRule[];
    sets: NftSet[];
    objects: NftObject[];
  } = { version: null, tables: [], chains: [], rules: [], sets: [], objects: [] };
  const bodies = new Bodies(text);
  for (const entry of nftEntries(text)) {
    const { kind, body } = entry;
    if (kind === 'metainfo') {
      ruleset.version = optionalText(body['version']);
      bodies.hasSchema ||= 'json_schema_version' in body;
    } else if (kind === 'table') ruleset.tables.push(tableFrom(entry));
    else if (kind === 'chain') ruleset.chains.push(chainFrom(entry));
    else if (kind === 'rule') ruleset.rules.push(new RuleInText(entry, bodies));
    else if (kind === 'set' || kind === 'map') ruleset.sets.push(new SetInText(entry, bodies));
    else if (kind !== 'element') ruleset.objects.push(objectFrom(entry));
  }
  return ruleset;
};

type Body = NftEntry['body'];

/** Objects of a ruleset parsed again. Who asks for one often asks for it several times in a row. */
class Bodies {
  hasSchema = false;
  readonly #text: string;
  #last: { readonly from: number; readonly body: Body } | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  at(from: number, to: number): Body {
    if (this.#last?.from === from) return this.#last.body;
    const object = JSON.parse(this.#text.slice(from, to)) as Readonly<Record<string, Body>>;
    const body = Object.values(object)[0] ?? {};
    this.#last = { from, body };
    return body;
  }
}

/** An entry of the ruleset, whose long part stays in the text. */
class InText {
  readonly family: string;
  readonly table: string;
  readonly #from: number;
  readonly #to: number;
  readonly #bodies: Bodies;

  constructor(entry: NftEntry, bodies: Bodies) {
    this.family = text(entry, 'family');
    this.table = text(entry, 'table');
    this.#from = entry.from;
    this.#to = entry.to;
    this.#bodies = bodies;
  }

  protected list(key: string): readonly NftJson[] {
    const value = this.#bodies.at(this.#from, this.#to)[key];
    return Array.isArray(value) ? value : [];
  }
}

class RuleInText extends InText implements NftRule {
  readonly chain: string;
  readonly handle: number | null;
  readonly comment: string | null;
  readonly #bodies: Bodies;

  constructor(entry: NftEntry, bodies: Bodies) {
    super(entry, bodies);
    this.chain = text(entry, 'chain');
    this.handle = optionalNumber(entry.body['handle']);
    this.comment = optionalText(entry.body['comment']);
    this.#bodies = bodies;
  }

  get expr(): readonly NftJson[] {
    const expr = this.list('expr');
    return this.#bodies.hasSchema ? expr : expr.map(asOfSchemaOne);
  }
}

class SetInText extends InText implements NftSet {
  readonly name: string;
  readonly type: NftJson;
  readonly map: NftJson | null;
  readonly flags: readonly string[];

  constructor(entry: NftEntry, bodies: Bodies) {
    super(entry, bodies);
    this.name = text(entry, 'name');
    this.type = entry.body['type'] ?? null;
    this.map = entry.body['map'] ?? null;
    this.flags = textList(entry.body['flags']);
  }

  get elements(): readonly NftJson[] {
    return this.list('elem');
  }
}

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

const tableFrom = (entry: NftEntry): NftTable => ({
  family: text(entry, 'family'),
  name: text(entry, 'name'),
  handle: optionalNumber(entry.body['handle']),
  flags: textList(entry.body['flags']),
});

const chainFrom = (entry: NftEntry): NftChain => {
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

const objectFrom = ({ kind, body }: NftEntry): NftObject => ({
  kind,
  family: optionalText(body['family']) ?? '',
  table: optionalText(body['table']) ?? '',
  name: optionalText(body['name']) ?? '',
  body,
});

const text = ({ kind, number, body }: NftEntry, key: string): string => {
  const value = body[key];
  if (typeof value !== 'string') throw new ParseError(NFT_SOURCE, null, `entry ${number}, a ${kind}, has no ${key}`);
  return value;
};

const optionalText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const optionalNumber = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const textList = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
};
