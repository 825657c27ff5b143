import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nftRuleText } from '../../../src/netfilter/nft/text.js';
import { parseNftRuleset } from '../../../src/parse/nft-json.js';

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rulesets/recorded/${name}`, import.meta.url), 'utf8');

/** Rules of a listing by chain, anonymous chains on one line, counters without their numbers. */
const listedRules = (listing: string): ReadonlyMap<string, readonly string[]> => {
  const chains = new Map<string, string[]>();
  let rules: string[] | null = null;
  for (const line of listing
    .replaceAll(/jump \{\s+([^}]*?)\s+\}/g, 'jump { $1 }')
    .split('\n')
    .map((text) => text.trim())) {
    const chain = /^chain (\S+) \{$/.exec(line)?.[1];
    if (chain !== undefined) {
      rules = [];
      chains.set(chain, rules);
    } else if (line === '}') rules = null;
    else if (rules !== null && line !== '' && !line.startsWith('type ')) {
      rules.push(line.replaceAll(/counter packets \d+ bytes \d+/g, 'counter'));
    }
  }
  return chains;
};

describe('nftRuleText', () => {
  it('writes rules as nft does', () => {
    const ruleset = parseNftRuleset(recorded('expressions.json'));
    const listed = listedRules(recorded('expressions.nft'));
    const ours = new Map<string, string[]>();
    for (const rule of ruleset.rules) {
      const texts = ours.get(rule.chain) ?? [];
      ours.set(rule.chain, [...texts, nftRuleText(rule)]);
    }
    for (const chain of ['f', 'n', 'p', 'r']) expect(ours.get(chain)).toEqual(listed.get(chain));
  });
});
