import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nftRuleText } from '../../../src/netfilter/nft/text.js';
import { type NftRule, parseNftRuleset } from '../../../src/parse/nft-json.js';

const RULESETS = new URL('../../../fixtures/rulesets/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, RULESETS), 'utf8');

/** Rulesets that nft listed in both of its languages. */
const listings = ['recorded', 'managers', 'composed', 'debian'].flatMap((folder) =>
  readdirSync(new URL(folder, RULESETS)).flatMap((name) =>
    name.endsWith('.nft') ? `${folder}/${name.replace('.nft', '')}` : [],
  ),
);

/**
 * Rules of a listing by table and chain, anonymous chains on one line, counters without their numbers. nft 1.1.7 lists
 * `fib … check`, which it calls `oif` in its JSON and reads as `oif` too.
 */
const listedRules = (listing: string): ReadonlyMap<string, readonly string[]> => {
  const chains = new Map<string, string[]>();
  let table = '';
  let rules: string[] | null = null;
  for (const line of listing
    .replaceAll(/jump \{\s+([^}]*?)\s+\}/g, 'jump { $1 }')
    .split('\n')
    .map((text) => text.trim())) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    const chain = /^chain (\S+) \{/.exec(line)?.[1];
    if (chain !== undefined) {
      rules = [];
      chains.set(`${table} ${chain}`, rules);
    } else if (line === '}') rules = null;
    else if (rules !== null && line !== '' && !/^(type \S+ hook|comment ")/.test(line)) {
      const rule = line.replaceAll(/counter packets \d+ bytes \d+/g, 'counter');
      rules.push(rule.replaceAll(/(fib \S+(?: \. \S+)*) check (exists|missing)/g, '$1 oif $2'));
    }
  }
  return chains;
};

/** Statements that have no JSON form. */
const WITHOUT_JSON = new Set(['recorded/expressions']);

describe('nftRuleText', () => {
  it.each(listings)('%s: writes rules as nft does', (name) => {
    const ours = new Map<string, readonly string[]>();
    for (const rule of parseNftRuleset(textOf(`${name}.json`)).rules) {
      const chain = `${rule.family} ${rule.table} ${rule.chain}`;
      ours.set(chain, [...(ours.get(chain) ?? []), nftRuleText(rule)]);
    }
    const listed = [...listedRules(textOf(`${name}.nft`))].filter(([, rules]) => rules.length > 0);
    expect(listed.length).toBeGreaterThan(3);
    for (const [chain, rules] of listed)
      if (!WITHOUT_JSON.has(name) || /^inet t [fnpr]$/.test(chain))
        expect({ chain, rules: ours.get(chain) }).toEqual({ chain, rules });
  });

  const written = (statement: NftRule['expr'][number]): string =>
    nftRuleText({ family: 'inet', table: 't', chain: 'c', handle: 1, expr: [statement], comment: null });

  it.each([
    [{ 'ct helper': 'ftp' }, 'ct helper set "ftp"'],
    [{ 'ct timeout': 'slow' }, 'ct timeout set "slow"'],
    [{ 'ct expectation': 'more' }, 'ct expectation set "more"'],
    [{ counter: 'all' }, 'counter name "all"'],
    [{ limit: 'lim' }, 'limit name "lim"'],
    [{ quota: 'quo' }, 'quota name "quo"'],
    [{ tproxy: { port: 80 } }, 'tproxy to :80'],
    [{ log: null }, 'log'],
    [{ log: { prefix: 'a b', level: 'info', flags: 'all' } }, 'log prefix "a b" level info flags all'],
    [{ log: { flags: ['tcp sequence', 'tcp options'] } }, 'log flags tcp sequence,options'],
    [{ log: { flags: ['tcp options', 'ip options', 'skuid'] } }, 'log flags tcp options flags ip options flags skuid'],
    [
      { log: { prefix: 'x', group: 5, snaplen: 64, 'queue-threshold': 3 } },
      'log prefix "x" group 5 snaplen 64 queue-threshold 3',
    ],
    [{ dnat: { family: 'ip6', addr: '2001:db8::8', port: 80 } }, 'dnat ip6 to [2001:db8::8]:80'],
    [{ dnat: { family: 'ip6', addr: '2001:db8::8' } }, 'dnat ip6 to 2001:db8::8'],
    [
      { dnat: { family: 'ip6', addr: { prefix: { addr: '2001:db8::8', len: 127 } }, port: { range: [80, 90] } } },
      'dnat ip6 to 2001:db8::8/127:80-90',
    ],
    [
      { dnat: { family: 'ip', addr: { range: ['10.0.0.1', '10.0.0.2'] }, port: { range: [80, 90] } } },
      'dnat ip to 10.0.0.1-10.0.0.2:80-90',
    ],
  ])('writes %j as nft 1.0.6 does', (statement, text) => {
    expect(written(statement)).toBe(text);
  });
});
