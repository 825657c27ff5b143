import { parseEbtablesSave } from '../../src/parse/ebtables-save.js';
import { parseIpRoute } from '../../src/parse/ip-route.js';
import { type IptablesRule, parseIptablesSave } from '../../src/parse/iptables-save.js';
import { parseNftRuleset } from '../../src/parse/nft-json.js';
import { ParseError } from '../../src/parse/parse-error.js';
import type { Text } from './compare.js';

/** Matches, targets, expressions and types of routes that stand in a case. */
export const featuresOf = (text: Text, hasNetwork: boolean): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const name of ['legacy', 'legacy6', 'nft', 'nft6'])
    for (const { options, matches, target } of savedRules(text(name))) {
      for (const option of options) found.add(`iptables ${option.name}`);
      for (const match of matches)
        for (const option of match.options) found.add(`iptables ${match.name} ${option.name}`);
      if (target) found.add(`iptables -j ${/^[A-Z]+$/.test(target.name) ? target.name : 'CHAIN'}`);
    }
  for (const { options, target } of parseEbtablesSave(text('ebtables')).tables.flatMap(({ rules }) => rules)) {
    for (const option of options) found.add(`ebtables ${option.name}`);
    if (target) found.add(`ebtables -j ${target.name}`);
  }
  const { rules, chains } = parseNftRuleset(text('json'));
  for (const { base, family } of chains) if (base) found.add(`nft ${family} ${base.hook}`);
  for (const { expr } of rules) for (const statement of expr) note(statement, found);
  if (hasNetwork) for (const { type } of parseIpRoute(text('routes'))) found.add(`route ${type}`);
  return found;
};

/** iptables-nft-save breaks off at a native rule that it cannot print. */
const savedRules = (text: string): readonly IptablesRule[] => {
  try {
    return parseIptablesSave(text).tables.flatMap(({ rules }) => rules);
  } catch (error) {
    if (error instanceof ParseError) return [];
    throw error;
  }
};

const KEYED = new Set(['meta', 'ct', 'payload', 'fib']);

const note = (json: unknown, found: Set<string>): void => {
  if (typeof json !== 'object' || json === null) return;
  for (const [kind, body] of Object.entries(json)) {
    if (Array.isArray(json)) note(body, found);
    else if (KEYED.has(kind) && typeof body === 'object' && body !== null) {
      const words = Object.entries(body).filter(([key]) =>
        ['key', 'protocol', 'field', 'result', 'flags'].includes(key),
      );
      found.add(`nft ${kind} ${words.map(([, value]) => String(value)).join(' ')}`);
    } else {
      if (STATEMENTS.has(kind)) found.add(`nft ${kind}`);
      note(body, found);
    }
  }
};

const STATEMENTS = new Set([
  'accept',
  'drop',
  'return',
  'continue',
  'jump',
  'goto',
  'reject',
  'snat',
  'dnat',
  'masquerade',
  'redirect',
  'notrack',
  'mangle',
  'vmap',
  'map',
  'set',
  'range',
  'prefix',
  'concat',
]);
