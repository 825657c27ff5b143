import type { Family } from '../model/flow.js';
import type { IptablesRule } from '../parse/iptables-save.js';
import type { NftRule, NftSet } from '../parse/nft-json.js';
import { placedChains } from './base-chains.js';
import { chainsFrom } from './jumps.js';
import { parseMappingRange } from './mapping.js';
import { listOf, member, textOf } from './nft/json.js';
import { elementsOf } from './nft/sets.js';
import type { LoadedRule, NetfilterState } from './state.js';
import { servesFamily, tableKey } from './state.js';
import type { RuleRef } from './types.js';

/** A rule that rewrites sources, by what it itself asks for (not by what led to its chain). */
export interface SourceTranslation {
  readonly ref: RuleRef;
  /** Source network in CIDR form, or a range `a-b`; `null` for any. */
  readonly source: string | null;
  readonly sourceNegated: boolean;
  /** Egress device; may end in `+` (iptables) or `*` (nft). `null` for any. */
  readonly oif: string | null;
  readonly oifNegated: boolean;
  /** New source: an address or range; `null` for MASQUERADE and for what is not a plain address. */
  readonly toAddress: string | null;
  readonly masquerade: boolean;
}

/**
 * Every SNAT and MASQUERADE rule that a packet in POSTROUTING can come to, of all back-ends, in the order of the
 * chains. A rule for several networks or devices (an nft set) gives one entry for each.
 */
export const sourceTranslations = (state: NetfilterState, family: Family): readonly SourceTranslation[] => {
  const chains = placedChains(state, 'postrouting')
    .map(({ chain }) => chain)
    .filter(({ base, ref }) => base?.type === 'nat' && servesFamily(ref.family, family));
  return chains
    .flatMap((chain) => [...chainsFrom(state, [chain]).values()])
    .flatMap((chain) => chain.rules)
    .flatMap((rule) => translationsOf(state, rule, family));
};

const translationsOf = (
  state: NetfilterState,
  { ref, source }: LoadedRule,
  family: Family,
): readonly SourceTranslation[] => {
  if (ref.target !== 'SNAT' && ref.target !== 'MASQUERADE' && ref.target !== 'NETMAP') return [];
  if (source.kind === 'iptables') return [fromIptables(ref, source.rule)];
  if (source.kind !== 'nft') return [];
  return fromNft(
    ref,
    source.rule,
    state.sets.get(tableKey(source.rule.family, source.rule.table)) ?? new Map(),
    family,
  );
};

const fromIptables = (ref: RuleRef, { options, target }: IptablesRule): SourceTranslation => {
  const source = options.find((option) => option.name === '-s');
  const oif = options.find((option) => option.name === '-o');
  const to =
    target?.options.find((option) => option.name === '--to-source' || option.name === '--to')?.values[0] ?? null;
  const range = to === null ? null : parseMappingRange(to);
  return {
    ref,
    source: source?.values[0] ?? null,
    sourceNegated: source?.negated ?? false,
    oif: oif?.values[0] ?? null,
    oifNegated: oif?.negated ?? false,
    toAddress: range === null ? to : range.low === range.high ? range.low : `${range.low}-${range.high}`,
    masquerade: ref.target === 'MASQUERADE',
  };
};

interface Condition {
  readonly values: readonly string[];
  readonly negated: boolean;
}

const ANY: Condition = { values: [], negated: false };

const fromNft = (
  ref: RuleRef,
  rule: NftRule,
  sets: ReadonlyMap<string, NftSet>,
  family: Family,
): readonly SourceTranslation[] => {
  const matches = rule.expr.map((statement) => member(statement, 'match')).filter((match) => match !== undefined);
  const condition = (isLeft: (left: unknown) => boolean): Condition => {
    const match = matches.find((candidate) => isLeft(member(candidate, 'left')));
    if (match === undefined) return ANY;
    const right = member(match, 'right');
    const values = (elementsOf(right, sets) ?? [right]).flatMap((value) => valueText(value) ?? []);
    return { values, negated: member(match, 'op') === '!=' };
  };
  const header = family === 4 ? 'ip' : 'ip6';
  const source = condition(
    (left) =>
      member(member(left, 'payload'), 'protocol') === header && member(member(left, 'payload'), 'field') === 'saddr',
  );
  const oif = condition((left) => ['oifname', 'oif'].includes(textOf(member(member(left, 'meta'), 'key')) ?? ''));
  const snat = rule.expr.map((statement) => member(statement, 'snat')).find((body) => body !== undefined);
  const own = textOf(member(snat, 'family'));
  if (own !== null && own !== header) return [];
  const toAddress = valueText(member(snat, 'addr'));
  return orAny(source.values).flatMap((network) =>
    orAny(oif.values).map((device) => ({
      ref,
      source: network,
      sourceNegated: source.negated,
      oif: device,
      oifNegated: oif.negated,
      toAddress,
      masquerade: ref.target === 'MASQUERADE',
    })),
  );
};

const orAny = (values: readonly string[]): readonly (string | null)[] => (values.length === 0 ? [null] : values);

const valueText = (json: unknown): string | null => {
  const text = textOf(json);
  if (text !== null) return text.startsWith('@') ? null : text;
  const prefix = member(json, 'prefix');
  if (prefix !== undefined) return `${textOf(member(prefix, 'addr'))}/${String(member(prefix, 'len'))}`;
  const [low, high] = listOf(member(json, 'range')).map(textOf);
  return low && high ? `${low}-${high}` : null;
};
