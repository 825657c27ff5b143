import type { NftRule } from '../../parse/nft-json.js';
import { isRecord, listOf, member, named, textOf } from './json.js';

/** Fields whose names stand in quotes. */
const QUOTED_KEYS = new Set(['iifname', 'oifname', 'iif', 'oif', 'ibrname', 'obrname']);
/** Keys of `meta` that nft writes without the word. */
const BARE_META = new Set([
  ...QUOTED_KEYS,
  'iifgroup',
  'oifgroup',
  'iiftype',
  'oiftype',
  'skuid',
  'skgid',
  'nftrace',
  'rtclassid',
]);

const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;

/** A rule in the syntax of nft(8), without its counters. What nobody knows is shown as JSON. */
export const nftRuleText = (rule: NftRule): string => {
  const words = rule.expr.map(statementText).filter((text) => text !== '');
  return [...words, ...(rule.comment === null ? [] : [`comment ${quote(rule.comment)}`])].join(' ');
};

const STATEMENTS: Readonly<Record<string, (body: unknown) => string>> = {
  match: (body) => {
    const left = member(body, 'left');
    const right = valueText(member(body, 'right'), isNameField(left));
    const op = String(member(body, 'op'));
    if (isFibOif(left))
      return `${expressionText(left)} ${right === 'false' ? 'missing' : right === 'true' ? 'exists' : right}`;
    return `${expressionText(left)} ${op === '==' && !isOperator(left) ? '' : op === 'in' ? '' : `${op} `}${right}`;
  },
  counter: () => 'counter',
  vmap: (body) =>
    `${expressionText(member(body, 'key'))} vmap ${mapText(member(body, 'data'), isNameField(member(body, 'key')))}`,
  jump: (body) => `jump ${textOf(member(body, 'target'))}`,
  goto: (body) => `goto ${textOf(member(body, 'target'))}`,
  reject: (body) => rejectText(body),
  snat: (body) => natText('snat', body),
  dnat: (body) => natText('dnat', body),
  masquerade: (body) => natText('masquerade', body),
  redirect: (body) => natText('redirect', body),
  mangle: (body) => `${expressionText(member(body, 'key'))} set ${expressionText(member(body, 'value'))}`,
  log: (body) => {
    const prefix = textOf(member(body, 'prefix'));
    return prefix === null ? 'log' : `log prefix ${quote(prefix)}`;
  },
  limit: (body) => {
    const over = member(body, 'inv') === true ? 'over ' : '';
    const unit = textOf(member(body, 'rate_unit'));
    return `limit rate ${over}${member(body, 'rate')}${unit === null || unit === 'packets' ? '' : ` ${unit}`}/${member(body, 'per') ?? 'second'}`;
  },
  xt: (body) => `xt ${textOf(member(body, 'type'))} ${textOf(member(body, 'name'))}`,
};

const statementText = (statement: unknown): string => {
  const [kind, body] = named(statement) ?? [textOf(statement) ?? JSON.stringify(statement), null];
  const render = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined;
  if (render !== undefined) return render(body);
  return body === null || body === undefined ? kind.replaceAll(/\s+/g, ' ') : `${kind} ${JSON.stringify(body)}`;
};

const rejectText = (body: unknown): string => {
  const type = textOf(member(body, 'type'));
  if (type === null) return 'reject';
  const code = textOf(member(body, 'expr'));
  return `reject with ${type}${code === null ? '' : ` ${code}`}`;
};

const natText = (kind: string, body: unknown): string => {
  const family = textOf(member(body, 'family'));
  const address = member(body, 'addr');
  const port = member(body, 'port');
  const to = `${address === undefined ? '' : expressionText(address)}${port === undefined ? '' : `:${expressionText(port)}`}`;
  return `${kind}${to === '' ? '' : `${family === null ? '' : ` ${family}`} to ${to}`}`;
};

const isOperator = (json: unknown): boolean => /^[&|^]$|^<<$|^>>$/.test(named(json)?.[0] ?? '');
const isFibOif = (json: unknown): boolean => member(member(json, 'fib'), 'result') === 'oif';
const isNameField = (json: unknown): boolean => QUOTED_KEYS.has(textOf(member(member(json, 'meta'), 'key')) ?? '');

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
  ct: (body) =>
    ['ct', textOf(member(body, 'dir')), textOf(member(body, 'key'))].filter((word) => word !== null).join(' '),
  fib: (body) => `fib ${listOf(member(body, 'flags')).join(' . ')} ${textOf(member(body, 'result'))}`,
  concat: (body) =>
    listOf(body)
      .map((part) => expressionText(part))
      .join(' . '),
  range: (body) =>
    listOf(body)
      .map((part) => expressionText(part))
      .join('-'),
  prefix: (body) => `${expressionText(member(body, 'addr'))}/${member(body, 'len')}`,
  map: (body) =>
    `${expressionText(member(body, 'key'))} map ${mapText(member(body, 'data'), isNameField(member(body, 'key')))}`,
  rt: (body) => `rt ${textOf(member(body, 'key'))}`,
  exthdr: (body) => `exthdr ${textOf(member(body, 'name'))}`,
  'tcp option': (body) => `tcp option ${textOf(member(body, 'name'))} ${textOf(member(body, 'field')) ?? ''}`.trimEnd(),
  elem: (body) => expressionText(member(body, 'val')),
};

const expressionText = (json: unknown, quoted = false): string => valueText(json, quoted);

const valueText = (json: unknown, quoted: boolean): string => {
  if (typeof json === 'string') return quoted && !json.startsWith('@') ? quote(json) : json;
  if (Array.isArray(json)) return json.map((part) => valueText(part, quoted)).join(',');
  if (!isRecord(json)) return String(json);
  const [kind, body] = named(json) ?? ['', null];
  if (kind === 'set')
    return `{ ${listOf(body)
      .map((part) => valueText(part, quoted))
      .join(', ')} }`;
  if (isOperator(json))
    return listOf(body)
      .map((part) => valueText(part, quoted))
      .join(` ${kind} `);
  const render = Object.hasOwn(EXPRESSIONS, kind) ? EXPRESSIONS[kind] : undefined;
  return render === undefined ? JSON.stringify(json) : render(body);
};

const mapText = (data: unknown, quoted: boolean): string => {
  const name = textOf(data);
  if (name !== null) return name;
  const pairs = listOf(member(data, 'set')).map((pair) => {
    const [key, value]: readonly unknown[] = Array.isArray(pair) ? pair : [pair, null];
    const isVerdict = isRecord(value) && !['concat', 'range', 'prefix', 'elem'].includes(named(value)?.[0] ?? '');
    return `${valueText(key, quoted)} : ${isVerdict ? statementText(value) : valueText(value, false)}`;
  });
  return `{ ${pairs.join(', ')} }`;
};
