import type { Scene } from '../program.js';
import { isUnknown, unknown } from '../program.js';
import type { HookPacket } from '../types.js';
import type { Datum, Domain } from './domains.js';
import { integer, name } from './domains.js';
import type { Field, Reading } from './fields.js';
import { connectionField, fibField, metaField, payloadField } from './fields.js';
import { isRecord, listOf, member, named } from './json.js';

/** Expressions whose value only the running kernel has. */
const NOT_KNOWN: Readonly<Record<string, string>> = {
  numgen: 'the number is random or counts packets',
  jhash: 'the hash has a secret seed',
  symhash: 'the hash has a secret seed',
  socket: 'sockets are not looked up',
  osf: 'the operating system of the sender is not known',
  ipsec: 'IPsec policies are not read',
  rt: 'the route of the packet is not looked up here',
  'tcp option': 'the TCP options are not known',
};

/** Each gives a number below `mod`, to which `offset` is added: with one number to give, there is no chance in it. */
const SPREAD = new Set(['numgen', 'jhash', 'symhash']);

type Bitwise = (left: bigint, right: bigint) => bigint;

const OPERATORS: Readonly<Record<string, Bitwise>> = {
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
};

const FIELDS: Readonly<Record<string, (body: unknown) => Field>> = {
  meta: metaField,
  payload: payloadField,
  ct: connectionField,
  fib: fibField,
  exthdr: () => ({ domain: integer, read: () => null }),
};

/** A constant of a domain; lists and `|` are flags taken together. `null` when a symbol is not known. */
export const constant = (json: unknown, domain: Domain): Datum | null => {
  if (Array.isArray(json)) return combine(json, domain, (left, right) => left | right);
  const [operator, operands] = named(json) ?? [];
  if (operator === undefined) return domain.parse(json);
  const apply = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  return apply === undefined ? null : combine(listOf(operands), domain, apply);
};

const combine = (parts: readonly unknown[], domain: Domain, apply: Bitwise): bigint | null => {
  let total: bigint | null = null;
  for (const part of parts) {
    const value = constant(part, domain);
    if (typeof value !== 'bigint') return null;
    total = total === null ? value : apply(total, value);
  }
  return total;
};

/** Compiles the left side of a match, the key of a map, or a value to be set. */
export const compileOperand = (json: unknown): Field => {
  const [kind, body] = named(json) ?? [];
  if (kind === undefined) return literal(json, integer);
  if (Object.hasOwn(FIELDS, kind)) return FIELDS[kind]?.(body) ?? notModelled(kind);
  if (Object.hasOwn(OPERATORS, kind)) return compileOperator(kind, listOf(body));
  if (SPREAD.has(kind) && member(body, 'mod') === 1) return literal(member(body, 'offset') ?? 0, integer);
  return notModelled(kind);
};

const notModelled = (kind: string): Field => {
  const because = Object.hasOwn(NOT_KNOWN, kind) ? NOT_KNOWN[kind] : undefined;
  return { domain: name, read: () => unknown(because ?? `the expression ${kind} is not modelled`) };
};

const literal = (json: unknown, domain: Domain): Field => {
  const value = constant(json, domain);
  return { domain, read: () => value ?? unknown(`${JSON.stringify(json)} is not understood`) };
};

const compileOperator = (operator: string, operands: readonly unknown[]): Field => {
  const apply = OPERATORS[operator];
  const [first, ...rest] = operands;
  const left = compileOperand(first);
  const rights = rest.map((operand) => (isField(operand) ? compileOperand(operand) : literal(operand, left.domain)));
  const read = (packet: HookPacket, scene: Scene): Reading => {
    let total = left.read(packet, scene);
    for (const right of rights) {
      if (total === null || isUnknown(total)) return total;
      const value = right.read(packet, scene);
      if (value === null || isUnknown(value)) return value;
      if (apply === undefined || typeof total !== 'bigint' || typeof value !== 'bigint')
        return unknown(`${operator} of names`);
      total = apply(total, value);
    }
    return total;
  };
  return { domain: left.domain, read };
};

/** Whether the operand reads the packet, rather than being a constant. */
const isField = (json: unknown): boolean => {
  const [kind, body] = named(json) ?? [];
  if (kind === undefined) return false;
  return Object.hasOwn(OPERATORS, kind) ? listOf(body).some(isField) : true;
};

/** The values of a key; `null` stands for one that is not known, and then `because` says why. */
export interface KeyReading {
  readonly data: readonly (Datum | null)[];
  readonly because: string | null;
}

/** A field, or several concatenated ones (`ip saddr . tcp dport`). */
export interface Key {
  readonly domains: readonly Domain[];
  /** `null` when the packet lacks one of the fields. */
  readonly read: (packet: HookPacket, scene: Scene) => KeyReading | null;
}

export const compileKey = (json: unknown): Key => {
  const parts = isRecord(json) && 'concat' in json ? listOf(member(json, 'concat')) : [json];
  const fields = parts.map(compileOperand);
  return {
    domains: fields.map((part) => part.domain),
    read: (packet, scene) => {
      const data: (Datum | null)[] = [];
      let because: string | null = null;
      for (const part of fields) {
        const reading = part.read(packet, scene);
        if (reading === null) return null;
        if (isUnknown(reading)) because ??= reading.because;
        data.push(isUnknown(reading) ? null : reading);
      }
      return { data, because };
    },
  };
};
