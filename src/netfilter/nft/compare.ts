import type { NftSet } from '../../parse/nft-json.js';
import type { Match } from '../program.js';
import { unknown, unknownMatch } from '../program.js';
import type { Datum } from './domains.js';
import { connectionStatus } from './domains.js';
import { member } from './json.js';
import type { KeyReading } from './operands.js';
import { compileKey, constant } from './operands.js';
import { compileElement, compileSet, elementsOf } from './sets.js';

type Test = (data: KeyReading['data']) => boolean | null;

const COMPARISONS: Readonly<Record<string, (left: Datum, right: Datum) => boolean>> = {
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

/** Bits of `ct status` that are not known beforehand: expected, assured, confirmed, dying. */
const OPEN_STATUS = 1n | 4n | 8n | 512n;

/** Compiles `{"match": {op, left, right}}`. */
export const compileComparison = (body: unknown, sets: ReadonlyMap<string, NftSet>): Match => {
  const left = member(body, 'left');
  const key = compileKey(left);
  const right = member(body, 'right');
  const [domain] = key.domains;
  const mask = domain === undefined ? null : constant(right, domain);
  if (domain === connectionStatus && typeof mask === 'bigint' && (mask & OPEN_STATUS) !== 0n) {
    return unknownMatch('this status of the connection is not known');
  }
  const test = compileTest(String(member(body, 'op')), right, key.domains, sets);
  return (packet, scene) => {
    const reading = key.read(packet, scene);
    if (reading === null) return false;
    const because = reading.because ?? `the comparison with ${JSON.stringify(right)} is not understood`;
    return test?.(reading.data) ?? unknown(because);
  };
};

const compileTest = (
  op: string,
  right: unknown,
  domains: ReturnType<typeof compileKey>['domains'],
  sets: ReadonlyMap<string, NftSet>,
): Test | null => {
  const [domain] = domains;
  if (domain === undefined) return null;
  const elements = elementsOf(right, sets);
  if (typeof right === 'string' && right.startsWith('@') && elements === null) return null;
  if (op === '==' || op === '!=' || (op === 'in' && elements !== null)) {
    const has = elements === null ? compileElement(right, domains) : compileSet(elements, domains);
    if (has === null) return null;
    return op === '!=' ? (data) => negate(has(data)) : has;
  }
  const value = constant(right, domain);
  if (value === null) return null;
  if (op === 'in' || op === '!') {
    if (typeof value !== 'bigint') return null;
    return ([bits]) => (typeof bits === 'bigint' ? ((bits & value) !== 0n) === (op === 'in') : null);
  }
  const compare = Object.hasOwn(COMPARISONS, op) ? COMPARISONS[op] : undefined;
  return compare === undefined
    ? null
    : ([datum]) => (datum === undefined || datum === null ? null : compare(datum, value));
};

const negate = (answer: boolean | null): boolean | null => (answer === null ? null : !answer);
