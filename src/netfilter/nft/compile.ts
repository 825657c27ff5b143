import type { NftRule, NftSet } from '../../parse/nft-json.js';
import { formatAddress } from '../address.js';
import { compileNamedTarget } from '../iptables/targets.js';
import type { Choice, Step } from '../program.js';
import {
  connectionMark,
  decideStep,
  hasConnection,
  isUnknown,
  matchStep,
  unknownMatch,
  withoutTracking,
} from '../program.js';
import { compileComparison } from './compare.js';
import { member, named, textOf } from './json.js';
import { compileMasquerade, compileNat, compileRedirect } from './nat.js';
import { compileOperand } from './operands.js';
import { compileVerdictMap, rejectType, verdictOf } from './verdicts.js';

/** Statements that change nothing a rule can see here. */
const PASSES_ON = new Set([
  'log',
  'flow',
  'dup',
  'last',
  'comment',
  'secmark',
  'ct helper',
  'ct timeout',
  'ct expectation',
]);

/** Statements that match or not by what only the running kernel has. */
const NOT_KNOWN: Readonly<Record<string, string>> = {
  limit: 'whether the rate limit has tokens left is not known',
  quota: 'how much of the quota is left is not known',
  'ct count': 'the number of connections is not counted',
  meter: 'whether the rate limit has tokens left is not known',
  tproxy: 'whether a proxy listens is not known',
};

type Sets = ReadonlyMap<string, NftSet>;
type Compile = (body: unknown, rule: NftRule, sets: Sets) => readonly Step[];

const STATEMENTS: Readonly<Record<string, Compile>> = {
  counter: () => [{ kind: 'count' }],
  match: (body, _, sets) => [matchStep(compileComparison(body, sets))],
  vmap: (body, _, sets) => [{ kind: 'decide', decide: compileVerdictMap(body, sets) }],
  reject: (body, rule) => [decideStep({ kind: 'reject', rejectWith: rejectType(body, rule.family) })],
  snat: (body, _, sets) => [{ kind: 'decide', decide: compileNat('snat', body, sets) }],
  dnat: (body, _, sets) => [{ kind: 'decide', decide: compileNat('dnat', body, sets) }],
  masquerade: (body) => [{ kind: 'decide', decide: compileMasquerade(body) }],
  redirect: (body) => [{ kind: 'decide', decide: compileRedirect(body) }],
  notrack: () => [{ kind: 'rewrite', apply: withoutTracking }],
  mangle: (body) => compileMangle(body),
  set: (body) =>
    member(body, 'stmt') === undefined ? [] : [matchStep(unknownMatch('the rate of a set element is not known'))],
  xt: (body, rule) => compileOpaque(body, rule),
};

/** Steps of a native nft rule: its expressions in order. */
export const compileNftRule = (rule: NftRule, sets: Sets): readonly Step[] =>
  rule.expr.flatMap((statement) => compileStatement(statement, rule, sets));

const compileStatement = (statement: unknown, rule: NftRule, sets: Sets): readonly Step[] => {
  const [kind, body] = named(statement) ?? [textOf(statement) ?? '', null];
  if (PASSES_ON.has(kind)) return [];
  const compile = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined;
  if (compile !== undefined) return compile(body, rule, sets);
  const because = Object.hasOwn(NOT_KNOWN, kind) ? NOT_KNOWN[kind] : undefined;
  if (because !== undefined) return [matchStep(unknownMatch(because))];
  const verdict = verdictOf(statement);
  return verdict === null ? [anything(`the statement ${kind.split(/\s/)[0]} is not modelled`)] : [decideStep(verdict)];
};

const anything = (because: string): Step => {
  const choice: Choice = { because, options: [null, { kind: 'accept' }, { kind: 'drop' }] };
  return { kind: 'decide', decide: () => choice };
};

/** A match or target of iptables that nft shows by name alone. */
const compileOpaque = (body: unknown, rule: NftRule): readonly Step[] => {
  const name = textOf(member(body, 'name')) ?? '';
  if (member(body, 'type') === 'target') return compileNamedTarget(name, rule.family === 'ip6' ? 6 : 4);
  return name === 'comment' ? [] : [matchStep(unknownMatch(`the options of the match ${name} were not read`))];
};

/** `meta mark set`, `ct mark set` and rewritten addresses; other fields are not looked at by any rule here. */
const compileMangle = (body: unknown): readonly Step[] => {
  const [kind, target] = named(member(body, 'key')) ?? [];
  const key = textOf(member(target, kind === 'payload' ? 'field' : 'key'));
  const value = compileOperand(member(body, 'value'));
  if (kind === 'meta' && key === 'mark') {
    return [
      {
        kind: 'rewrite',
        apply: (packet, scene) => {
          const mark = value.read(packet, scene);
          return typeof mark === 'bigint' ? { ...packet, mark: Number(mark & 0xffffffffn) } : packet;
        },
      },
    ];
  }
  if (kind === 'ct' && key === 'mark') {
    return [
      {
        kind: 'rewrite',
        apply: (packet, scene) => {
          const mark = value.read(packet, scene);
          if (!hasConnection(packet, scene) || connectionMark(packet) === null || typeof mark !== 'bigint')
            return packet;
          return { ...packet, connectionMark: Number(mark & 0xffffffffn) };
        },
      },
    ];
  }
  if (kind === 'payload' && (key === 'saddr' || key === 'daddr'))
    return [rewriteAddress(target, key, member(body, 'value'))];
  return [];
};

const rewriteAddress = (target: unknown, key: 'saddr' | 'daddr', json: unknown): Step => {
  const side = key === 'saddr' ? 'source' : 'destination';
  const old = compileOperand({ payload: target });
  const value = old.domain.parse(json);
  return {
    kind: 'rewrite',
    apply: (packet, scene) => {
      const present = old.read(packet, scene);
      if (present === null || isUnknown(present) || typeof value !== 'bigint') return packet;
      return { ...packet, [side]: formatAddress({ family: packet.family, value }) };
    },
  };
};
