import { isRecord, listOf, member, named, textOf } from './json.js';

/** Names of interfaces and days stand in quotes, marks in hexadecimal. */
type Style = 'plain' | 'quoted' | 'mark' | 'hex';

const QUOTED_KEYS = new Set(['iifname', 'oifname', 'iif', 'oif', 'ibrname', 'obrname', 'day']);
/** Keys of `meta` that nft writes without the word. */
const BARE_META = new Set([
  'iifname',
  'oifname',
  'iif',
  'oif',
  'iifgroup',
  'oifgroup',
  'iiftype',
  'oiftype',
  'ibrname',
  'obrname',
]);

export const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;

/** How values that are compared with, or set to, an expression are written. */
export const styleOf = (json: unknown): Style => {
  const operands = operandsOf(json);
  if (operands !== null) return styleOf(operands[0]);
  const payload = member(json, 'payload');
  if (payload !== undefined) return member(payload, 'base') === undefined ? 'plain' : 'hex';
  const key = textOf(member(member(json, 'meta') ?? member(json, 'ct'), 'key')) ?? '';
  if (key === 'mark') return 'mark';
  return QUOTED_KEYS.has(key) ? 'quoted' : 'plain';
};

/** Operands of `&`, `|`, `^`, `<<`, `>>`; `null` for anything else. */
export const operandsOf = (json: unknown): readonly unknown[] | null => {
  const [kind, body] = named(json) ?? [];
  return kind !== undefined && /^(?:[&|^]|<<|>>)$/.test(kind) ? listOf(body) : null;
};

const EXPRESSIONS: Readonly<Record<string, (body: unknown) => string>> = {
  meta: (body) => {
    const key = textOf(member(body, 'key')) ?? '';
    return BARE_META.has(key) ? key : `meta ${key}`;
  },
  payload: (body) => {
    const protocol = textOf(member(body, 'protocol'));
    if (protocol === null) return `@${member(body, 'base')},${member(body, 'offset')},${member(body, 'len')}`;
    return `${protocol} ${textOf(member(body, 'field'))}`;
  },
  ct: (body) => words('ct', member(body, 'dir'), member(body, 'key')),
  fib: (body) => `fib ${listOf(member(body, 'flags')).join(' . ')} ${textOf(member(body, 'result'))}`,
  rt: (body) => words('rt', member(body, 'key')),
  exthdr: (body) => words('exthdr', member(body, 'name'), member(body, 'field')),
  'tcp option': (body) => words('tcp option', member(body, 'name'), member(body, 'field')),
  numgen: (body) => {
    const offset = member(body, 'offset');
    return `numgen ${textOf(member(body, 'mode'))} mod ${member(body, 'mod')}${offset === 0 ? '' : ` offset ${offset}`}`;
  },
  map: (body) => mappingText('map', body),
  elem: (body) => valueText(member(body, 'val'), 'plain'),
};

const words = (...parts: readonly unknown[]): string => parts.filter((part) => typeof part === 'string').join(' ');

/** An expression in the syntax of nft(8); what nobody knows as JSON. */
export const expressionText = (json: unknown): string => valueText(json, styleOf(json));

/** A value as it stands beside an expression of the style. */
export const valueText = (json: unknown, style: Style): string => {
  if (typeof json === 'string') return style === 'quoted' && !json.startsWith('@') ? quote(json) : json;
  if (typeof json === 'number') return numberText(json, style);
  if (Array.isArray(json)) return json.map((part) => valueText(part, style)).join(',');
  if (!isRecord(json)) return String(json);
  const [kind, body] = named(json) ?? ['', null];
  const part = (value: unknown): string => valueText(value, style);
  if (operandsOf(json) !== null) return listOf(body).map(part).join(` ${kind} `);
  if (kind === 'set') return `{ ${listOf(body).map(part).join(', ')} }`;
  if (kind === 'concat') return listOf(body).map(part).join(' . ');
  if (kind === 'range') return listOf(body).map(part).join('-');
  if (kind === 'prefix') return `${part(member(body, 'addr'))}/${member(body, 'len')}`;
  const render = Object.hasOwn(EXPRESSIONS, kind) ? EXPRESSIONS[kind] : undefined;
  return render === undefined ? JSON.stringify(json) : render(body);
};

const numberText = (value: number, style: Style): string => {
  if (style === 'mark') return `0x${value.toString(16).padStart(8, '0')}`;
  return style === 'hex' ? `0x${value.toString(16)}` : String(value);
};

/** `KEY map { … }` or `KEY vmap { … }`; `verdict` writes the verdicts of the latter. */
export const mappingText = (word: 'map' | 'vmap', body: unknown, verdict?: (json: unknown) => string): string => {
  const key = member(body, 'key');
  const data = member(body, 'data');
  const pairs = listOf(member(data, 'set')).map((pair) => {
    const [from, to]: readonly unknown[] = Array.isArray(pair) ? pair : [pair, null];
    return `${valueText(from, styleOf(key))} : ${verdict?.(to) ?? valueText(to, 'plain')}`;
  });
  return `${expressionText(key)} ${word} ${textOf(data) ?? `{ ${pairs.join(', ')} }`}`;
};
