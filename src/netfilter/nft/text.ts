import type { NftRule } from '../../parse/nft-json.js';
import { expressionText, mappingText, operandsOf, quote, styleOf, valueText } from './expression-text.js';
import { listOf, member, named, textOf } from './json.js';

/** A rule in the syntax of nft(8), without the numbers of its counters. What nobody knows is shown as JSON. */
export const nftRuleText = (rule: NftRule): string => {
  const words = rule.expr.map(statementText).filter((text) => text !== '');
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

const rejectText = (body: unknown): string => {
  const type = textOf(member(body, 'type'));
  const code = textOf(member(body, 'expr'));
  if (type === null || (type !== 'tcp reset' && code === 'port-unreachable')) return 'reject';
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

const setText = (body: unknown): string => {
  const statements = listOf(member(body, 'stmt')).map(statementText);
  const element = [expressionText(member(body, 'elem')), ...statements].join(' ');
  return `${textOf(member(body, 'op'))} ${textOf(member(body, 'set'))} { ${element} }`;
};

const STATEMENTS: Readonly<Record<string, (body: unknown) => string>> = {
  match: matchText,
  counter: (body) => (typeof body === 'string' ? `counter name ${quote(body)}` : 'counter'),
  vmap: (body) => mappingText('vmap', body, (verdict) => statementText(verdict)),
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
  log: logText,
  limit: limitText,
  quota: (body) => `quota ${over(body)}${member(body, 'val')} ${member(body, 'val_unit')}`,
  'ct count': (body) => `ct count ${over(body)}${member(body, 'val')}`,
  set: setText,
  xt: (body) => `xt ${textOf(member(body, 'type'))} ${quote(textOf(member(body, 'name')) ?? '')}`,
};

const statementText = (statement: unknown): string => {
  const [kind, body] = named(statement) ?? [textOf(statement) ?? JSON.stringify(statement), null];
  const render = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined;
  if (render !== undefined) return render(body);
  return body === null ? kind.replaceAll(/\s+/g, ' ') : `${kind} ${JSON.stringify(body)}`;
};
