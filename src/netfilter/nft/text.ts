import type { NftRule } from '../../parse/nft-json.js';
import { expressionText, mappingText, operandsOf, quote, styleOf, valueText } from './expression-text.js';
import { listOf, member, named, textOf } from './json.js';

/** A rule in the syntax of nft(8), without the numbers of its counters. What nobody knows is shown as JSON. */
export const nftRuleText = (rule: NftRule): string => {
  const words = rule.expr.map((statement) => statementText(statement, rule.family)).filter((text) => text !== '');
  return [...words, ...(rule.comment === null ? [] : [`comment ${quote(rule.comment)}`])].join(' ');
};

const matchText = (body: unknown): string => {
  const left = member(body, 'left');
  const right = member(body, 'right');
  const op = String(member(body, 'op'));
  const mask = operandsOf(left)?.[1];
  if (Array.isArray(mask) && op === '==') {
    const field = expressionText(operandsOf(left)?.[0]);
    return `${field} ${valueText(right, 'plain')} / ${valueText(mask, 'plain')}`;
  }
  const value = valueText(right, styleOf(left));
  if (member(member(left, 'fib'), 'result') === 'oif' && typeof right === 'boolean') {
    return `${expressionText(left)} ${right ? 'exists' : 'missing'}`;
  }
  const isImplied = op === 'in' || (op === '==' && operandsOf(left) === null);
  return `${expressionText(left)} ${isImplied ? '' : `${op} `}${value}`;
};

const over = (body: unknown): string => (member(body, 'inv') === true ? 'over ' : '');

/** A burst of 5 packets is what nft takes when none is given. */
const limitText = (body: unknown): string => {
  const unit = textOf(member(body, 'rate_unit'));
  const rate = `${member(body, 'rate')}${unit === null || unit === 'packets' ? '' : ` ${unit}`}`;
  const burst = member(body, 'burst');
  const tail = unit === null && typeof burst === 'number' && burst !== 5 ? ` burst ${burst} packets` : '';
  return `limit rate ${over(body)}${rate}/${member(body, 'per') ?? 'second'}${tail}`;
};

/** What is said of a reply by default is left out: `icmpx` in tables of several families, that of its own in others. */
const rejectText = (body: unknown, family: string): string => {
  const type = textOf(member(body, 'type'));
  const code = textOf(member(body, 'expr'));
  const isOwn = type === 'icmpx' || family === 'ip' || family === 'ip6';
  if (type === null || (type !== 'tcp reset' && isOwn && code === 'port-unreachable')) return 'reject';
  return `reject with ${type}${code === null ? '' : ` ${code}`}`;
};

/** Before a port an IPv6 address stands in brackets, as does each end of a range of them. */
const bracketed = (address: unknown): string => {
  if (typeof address === 'string' && address.includes(':')) return `[${address}]`;
  const ends = member(address, 'range');
  return ends === undefined ? expressionText(address) : listOf(ends).map(bracketed).join('-');
};

const natText = (kind: string, body: unknown): string => {
  const family = textOf(member(body, 'family'));
  const address = member(body, 'addr');
  const port = member(body, 'port');
  const prefix = member(body, 'type_flags') === 'prefix' ? ' prefix' : '';
  const flags = listOf(member(body, 'flags')).filter((flag) => flag !== 'netmap');
  const target = [
    ...(address === undefined ? [] : [port === undefined ? expressionText(address) : bracketed(address)]),
    ...(port === undefined ? [] : [`:${expressionText(port)}`]),
  ].join('');
  const to = target === '' ? '' : `${family === null ? '' : ` ${family}`}${prefix} to ${target}`;
  return `${kind}${to}${flags.length === 0 ? '' : ` ${flags.join(',')}`}`;
};

const LOG_NUMBERS = ['group', 'snaplen', 'queue-threshold'];

/** Both flags of TCP stand in one list. */
const logText = (body: unknown): string => {
  const prefix = textOf(member(body, 'prefix'));
  const level = textOf(member(body, 'level'));
  const flags = member(body, 'flags');
  const words = (Array.isArray(flags) ? flags : [flags]).flatMap((flag) => textOf(flag) ?? []);
  const tcp = words.flatMap((flag) => (flag.startsWith('tcp ') ? [flag.slice(4)] : []));
  const others = words.filter((flag) => !flag.startsWith('tcp '));
  return [
    'log',
    ...(prefix === null ? [] : [`prefix ${quote(prefix)}`]),
    ...LOG_NUMBERS.flatMap((name) => (member(body, name) === undefined ? [] : [`${name} ${member(body, name)}`])),
    ...(level === null ? [] : [`level ${level}`]),
    ...(tcp.length === 0 ? [] : [`flags tcp ${tcp.join(',')}`]),
    ...others.map((flag) => `flags ${flag}`),
  ].join(' ');
};

const setText = (body: unknown, family: string): string => {
  const statements = listOf(member(body, 'stmt')).map((statement) => statementText(statement, family));
  const element = [expressionText(member(body, 'elem')), ...statements].join(' ');
  return `${textOf(member(body, 'op'))} ${textOf(member(body, 'set'))} { ${element} }`;
};

/** A statement that names an object of its table; `null` when it stands for itself. */
const objectText = (kind: string, body: unknown): string | null => {
  const object = textOf(body);
  return object === null ? null : `${kind} name ${quote(object)}`;
};

const STATEMENTS: Readonly<Record<string, (body: unknown, family: string) => string>> = {
  match: matchText,
  counter: (body) => objectText('counter', body) ?? 'counter',
  vmap: (body, family) => mappingText('vmap', body, (verdict) => statementText(verdict, family)),
  jump: (body) => `jump ${textOf(member(body, 'target'))}`,
  goto: (body) => `goto ${textOf(member(body, 'target'))}`,
  reject: rejectText,
  snat: (body) => natText('snat', body),
  dnat: (body) => natText('dnat', body),
  masquerade: (body) => natText('masquerade', body),
  redirect: (body) => natText('redirect', body),
  mangle: (body) => {
    const key = member(body, 'key');
    return `${expressionText(key)} set ${valueText(member(body, 'value'), styleOf(key))}`;
  },
  tproxy: (body) => natText('tproxy', body),
  log: logText,
  limit: (body) => objectText('limit', body) ?? limitText(body),
  quota: (body) => objectText('quota', body) ?? `quota ${over(body)}${member(body, 'val')} ${member(body, 'val_unit')}`,
  'ct helper': (body) => `ct helper set ${quote(textOf(body) ?? '')}`,
  'ct timeout': (body) => `ct timeout set ${quote(textOf(body) ?? '')}`,
  'ct expectation': (body) => `ct expectation set ${quote(textOf(body) ?? '')}`,
  'ct count': (body) => `ct count ${over(body)}${member(body, 'val')}`,
  set: setText,
  xt: (body) => `xt ${textOf(member(body, 'type'))} ${quote(textOf(member(body, 'name')) ?? '')}`,
};

const statementText = (statement: unknown, family: string): string => {
  const [kind, body] = named(statement) ?? [textOf(statement) ?? JSON.stringify(statement), null];
  const render = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined;
  if (render !== undefined) return render(body, family);
  return body === null ? kind.replaceAll(/\s+/g, ' ') : `${kind} ${JSON.stringify(body)}`;
};
