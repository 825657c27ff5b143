import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nftPriority, parseNftRuleset } from '../../../src/parse/nft-json.js';
import { ParseError } from '../../../src/parse/parse-error.js';

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rulesets/recorded/${name}`, import.meta.url), 'utf8');

describe('parseNftRuleset', () => {
  it('reads tables, base chains, rules, sets, maps and objects of all families', () => {
    const ruleset = parseNftRuleset(recorded('expressions.json'));
    expect(ruleset.version).toBe('1.0.6');
    expect(ruleset.tables.map((table) => `${table.family} ${table.name}`)).toEqual(['inet t', 'netdev nd']);
    expect(ruleset.chains.find((chain) => chain.name === 'f')?.base).toEqual({
      type: 'filter',
      hook: 'forward',
      priority: 5,
      policy: 'drop',
      devices: [],
    });
    expect(ruleset.chains.find((chain) => chain.name === 'other')?.base).toBeNull();
    expect(ruleset.sets.find((set) => set.name === 'v')).toMatchObject({ map: 'verdict', type: 'ifname' });
    expect(ruleset.sets.find((set) => set.name === 'bad')?.elements).toHaveLength(3);
    expect(ruleset.objects).toMatchObject([{ kind: 'counter', name: 'cc' }]);
    expect(ruleset.rules.find((rule) => rule.handle === 31)?.comment).toBe('hi there');
  });

  it('keeps a statement that has no JSON form', () => {
    const { rules } = parseNftRuleset(recorded('expressions.json'));
    expect(rules.some((rule) => rule.expr.some((statement) => typeof statement === 'string'))).toBe(true);
  });

  it('takes empty output and an empty ruleset for no tables', () => {
    expect(parseNftRuleset('').tables).toEqual([]);
    expect(parseNftRuleset('{"nftables": []}').tables).toEqual([]);
  });

  it.each([
    ['cut-off JSON', recorded('expressions.json').slice(0, 900)],
    ['another document', '[]'],
    ['no list', '{"nftables": {}}'],
    ['an entry that is no object', '{"nftables": [7]}'],
    ['a chain without table', '{"nftables": [{"chain": {"family": "ip", "name": "x"}}]}'],
  ])('refuses %s', (_, text) => {
    expect(() => parseNftRuleset(text)).toThrow(ParseError);
  });
});

describe('nftPriority', () => {
  it.each([
    [0, 'ip', 0],
    ['-300', 'ip', -300],
    ['filter', 'inet', 0],
    ['filter + 10', 'inet', 10],
    ['dstnat - 5', 'ip6', -105],
    ['srcnat', 'ip', 100],
    ['filter', 'bridge', -200],
    ['dstnat', 'bridge', -300],
    ['nonsense', 'ip', null],
    ['constructor', 'ip', null],
    [undefined, 'ip', null],
  ])('reads %s of family %s as %s', (value, family, priority) => {
    expect(nftPriority(value, family)).toBe(priority);
  });
});
