import type { Family } from '../model/flow.js';
import { isRecord } from './nft/json.js';
import type { LazyRules, NetfilterState, RuleSource } from './state.js';
import { servesFamily } from './state.js';

const MATCHES = new Set(['conntrack', 'state', 'connmark', 'connlimit', 'connbytes', 'connlabel', 'helper']);
const TARGETS = new Set(['SNAT', 'DNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP', 'CONNMARK', 'CONNSECMARK', 'SYNPROXY']);
const NFT_WORDS = new Set(['ct', 'snat', 'dnat', 'masquerade', 'redirect', 'flow', 'synproxy']);

const known = new WeakMap<NetfilterState, Readonly<Record<Family, boolean>>>();

/**
 * Whether conntrack runs for a family: it does once any rule of the family matches on connections or translates, and
 * only then are the NAT chains asked at all.
 * @see nf_ct_netns_get in net/netfilter/nf_conntrack_proto.c
 */
export const usesConntrack = (state: NetfilterState, family: Family): boolean => {
  const before = known.get(state);
  if (before !== undefined) return before[family];
  const uses = { 4: anyRule(state, 4), 6: anyRule(state, 6) };
  known.set(state, uses);
  return uses[family];
};

const anyRule = (state: NetfilterState, family: Family): boolean =>
  [...state.chains.values()].some(
    (chain) =>
      servesFamily(chain.ref.family, family) &&
      (chain.lazy === undefined ? chain.rules.some(({ source }) => tracks(source)) : anyTracks(chain.lazy)),
  );

/** Few rules of a large ruleset have a word of it, and only those are taken apart. */
const anyTracks = (rules: LazyRules): boolean => {
  for (let index = 0; index < rules.length; index += 1) {
    const text = rules.text(index);
    if ((text === null || WORDS.test(text)) && tracks(rules.source(index))) return true;
  }
  return false;
};

const WORDS = new RegExp(`-m (?:${[...MATCHES].join('|')}) |-j (?:CT|${[...TARGETS].join('|')})\\b`);

const tracks = (source: RuleSource): boolean => {
  if (source.kind === 'nft') return source.rule.expr.some(mentionsConntrack);
  if (source.kind !== 'iptables') return false;
  const { matches, target } = source.rule;
  if (matches.some(({ name }) => MATCHES.has(name))) return true;
  if (target === null) return false;
  return TARGETS.has(target.name) || (target.name === 'CT' && target.options.every(({ name }) => name !== '--notrack'));
};

const mentionsConntrack = (json: unknown): boolean => {
  if (Array.isArray(json)) return json.some(mentionsConntrack);
  if (!isRecord(json)) return false;
  return Object.entries(json).some(
    ([key, value]) => NFT_WORDS.has(key) || key.startsWith('ct ') || isOpaqueUse(json) || mentionsConntrack(value),
  );
};

const isOpaqueUse = (json: Readonly<Record<string, unknown>>): boolean => {
  const name = json['name'];
  return typeof name === 'string' && (json['type'] === 'target' ? TARGETS.has(name) : MATCHES.has(name));
};
