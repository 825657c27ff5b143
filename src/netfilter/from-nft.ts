import type { NftChain, NftRule, NftRuleset, NftTable } from '../parse/nft-json.js';
import { policyRef } from './from-iptables.js';
import { LazyChain } from './lazy-chain.js';
import { isRecord, member, named, textOf } from './nft/json.js';
import { nftRuleText } from './nft/text.js';
import { rejectType } from './nft/verdicts.js';
import type { Chain, ChainBase, ChainRef, LazyRules, LoadedRule, RuleSource } from './state.js';
import { chainKey, tableKey } from './state.js';
import type { Backend, RuleRef } from './types.js';

/** Chains that one table can hold in the order of creation; handles are numbered per table. */
const HANDLES_PER_TABLE = 2 ** 32;

/** The chains of some tables of an nft ruleset as chains to be walked. */
export const nftChains = (ruleset: NftRuleset, tables: readonly NftTable[], backend: Backend): readonly Chain[] => {
  const ranks = new Map(tables.map((table) => [tableKey(table.family, table.name), table.handle ?? 0]));
  const rules = new Map<string, NftRule[]>();
  for (const rule of ruleset.rules) {
    if (!ranks.has(tableKey(rule.family, rule.table))) continue;
    const key = chainKey({ backend, ...rule });
    const group = rules.get(key);
    if (group === undefined) rules.set(key, [rule]);
    else group.push(rule);
  }
  const counters = namedCounters(ruleset);
  return ruleset.chains.flatMap((chain) => {
    const rank = ranks.get(tableKey(chain.family, chain.table));
    if (rank === undefined) return [];
    const own = rules.get(chainKey({ backend, family: chain.family, table: chain.table, chain: chain.name })) ?? [];
    const ref: ChainRef = { backend, family: chain.family, table: chain.table, chain: chain.name };
    const order = rank * HANDLES_PER_TABLE + (chain.handle ?? 0);
    return [new LazyChain(ref, baseOf(chain, ref), order, new NativeRules(own, ref, counters))];
  });
};

/** Rules as nft prints them. */
export class NativeRules implements LazyRules {
  readonly #rules: readonly NftRule[];
  readonly #ref: ChainRef;
  readonly #counters: ReadonlyMap<string, Counter>;

  constructor(rules: readonly NftRule[], ref: ChainRef, counters: ReadonlyMap<string, Counter>) {
    this.#rules = rules;
    this.#ref = ref;
    this.#counters = counters;
  }

  get length(): number {
    return this.#rules.length;
  }

  text(): null {
    return null;
  }

  source(index: number): RuleSource {
    return { kind: 'nft', rule: this.at(index) };
  }

  load(index: number): LoadedRule {
    return ruleOf(this.at(index), this.#ref, index + 1, this.#counters);
  }

  at(index: number): NftRule {
    const rule = this.#rules[index];
    if (rule === undefined) throw new RangeError(`${this.#ref.chain} has no rule ${index + 1}`);
    return rule;
  }
}

const baseOf = ({ base }: NftChain, ref: ChainRef): ChainBase | null => {
  if (base === null) return null;
  const { type, hook, priority, policy, devices } = base;
  const bound = devices.length > 0 ? { devices } : {};
  return { type, hook, priority, policy, ...bound, policyRef: policyRef(ref, policy === 'drop', null) };
};

type Counter = RuleRef['counter'];

const counterKey = (family: string, table: string, name: string): string => JSON.stringify([family, table, name]);

const counterFrom = (body: unknown): Counter => {
  const packets = member(body, 'packets');
  const bytes = member(body, 'bytes');
  return typeof packets === 'number' && typeof bytes === 'number' ? { packets, bytes } : null;
};

const namedCounters = ({ objects }: NftRuleset): ReadonlyMap<string, Counter> =>
  new Map(
    objects
      .filter(({ kind }) => kind === 'counter')
      .map(({ family, table, name, body }) => [counterKey(family, table, name), counterFrom(body)]),
  );

const ruleOf = (rule: NftRule, ref: ChainRef, index: number, counters: ReadonlyMap<string, Counter>): LoadedRule => {
  const { target, rejectWith } = targetOf(rule);
  return {
    ref: {
      ...ref,
      index,
      handle: rule.handle,
      text: nftRuleText(rule),
      target,
      rejectWith,
      counter: counterOf(rule, counters),
      comment: rule.comment,
    },
    source: { kind: 'nft', rule },
  };
};

const counterOf = (rule: NftRule, counters: ReadonlyMap<string, Counter>): Counter => {
  const body = rule.expr.map((statement) => member(statement, 'counter')).find((counter) => counter !== undefined);
  const name = textOf(body);
  return name === null ? counterFrom(body) : (counters.get(counterKey(rule.family, rule.table, name)) ?? null);
};

const NAMED_TARGETS: Readonly<Record<string, string>> = {
  accept: 'ACCEPT',
  drop: 'DROP',
  return: 'RETURN',
  continue: 'CONTINUE',
  queue: 'QUEUE',
  reject: 'REJECT',
  snat: 'SNAT',
  dnat: 'DNAT',
  masquerade: 'MASQUERADE',
  redirect: 'REDIRECT',
  tproxy: 'TPROXY',
  notrack: 'NOTRACK',
  vmap: 'VMAP',
  log: 'LOG',
};

/** What the rule ends in: its last statement that is an action. */
const targetOf = (rule: NftRule): Pick<RuleRef, 'target' | 'rejectWith'> => {
  for (const statement of rule.expr.toReversed()) {
    const [kind, body] = named(statement) ?? [textOf(statement) ?? '', null];
    if (kind === 'jump' || kind === 'goto') return { target: textOf(member(body, 'target')) ?? '', rejectWith: null };
    if (kind === 'reject') return { target: 'REJECT', rejectWith: rejectType(body, rule.family) };
    if (kind === 'xt' && isRecord(body) && body['type'] === 'target') {
      return { target: textOf(body['name']) ?? '', rejectWith: null };
    }
    const target = Object.hasOwn(NAMED_TARGETS, kind) ? NAMED_TARGETS[kind] : undefined;
    if (target !== undefined) return { target, rejectWith: null };
  }
  return { target: '', rejectWith: null };
};
