import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutOwnTables } from '../../../src/collect/nftables.js';
import { parseNftTables, withDevices } from '../../../src/parse/nft-chains.js';
import { nftEntries } from '../../../src/parse/nft-entries.js';
import { parseNftRuleset, readNftRuleset } from '../../../src/parse/nft-json.js';
import { joinedRulesets } from '../../../src/parse/nft-rewrite.js';
import { ParseError } from '../../../src/parse/parse-error.js';

const FOLDER = new URL('../../../fixtures/rulesets/recorded/', import.meta.url);
const recorded = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }))
  .filter(({ text }) => text.startsWith('{"nftables"'));

const objectsOf = (text: string): readonly unknown[] => (JSON.parse(text) as { nftables: readonly unknown[] }).nftables;

const failure = (text: string): ParseError => {
  try {
    for (const _ of nftEntries(text));
  } catch (error) {
    if (error instanceof ParseError) return error;
  }
  throw new Error('it was read');
};

const AWKWARD = {
  nftables: [
    { metainfo: { version: '1.0.6', json_schema_version: 1 } },
    { rule: { comment: 'a "quote", \\ and ]}{[ at the end \\', expr: [{ x: [[], {}, '}'] }, null, -1.5e3, true] } },
    { set: { name: '\u00e9\u{1f4a9}', elem: ['a', { range: [1, 2] }] } },
  ],
};

describe('nftEntries', () => {
  it('gives the same objects as the whole document, each where it stands', () => {
    expect(recorded.length).toBeGreaterThan(3);
    for (const { name, text } of recorded) {
      const entries = [...nftEntries(text)];
      expect(
        entries.map(({ kind, body }) => ({ [kind]: body })),
        name,
      ).toEqual(objectsOf(text));
      expect(
        entries.map(({ from, to }) => JSON.parse(text.slice(from, to)) as unknown),
        name,
      ).toEqual(objectsOf(text));
    }
  });

  it.each([undefined, 1, '\t'])('reads brackets, quotes and escapes in texts, indented by %j', (indent) => {
    const text = JSON.stringify({ before: { nftables: [1] }, ...AWKWARD, after: ['"'] }, null, indent);
    expect([...nftEntries(`\n ${text} \n`)].map(({ kind, body }) => ({ [kind]: body }))).toEqual(AWKWARD.nftables);
  });

  it('refuses a document wherever it is cut off, and says at which line', () => {
    const text = JSON.stringify(AWKWARD, null, 1);
    for (let length = 1; length < text.length; length += 1) {
      const { line } = failure(text.slice(0, length));
      expect(line, text.slice(0, length)).toBeGreaterThanOrEqual(1);
      expect(line, text.slice(0, length)).toBeLessThanOrEqual(text.slice(0, length).split('\n').length);
    }
  });

  it.each([
    ['{"nftables": [{"table": {}},\n{"table": {"name": nothing}},\n{"table": {}}]}', 2, 'entry 2 is not JSON'],
    ['{"nftables": [\n\n7]}', 3, 'entry 1 is not a named object'],
    ['{"nftables": [{}]}', 1, 'entry 1 is not a named object'],
    ['{"nftables": [{"table": {}},]}', 1, 'entry 2 is not JSON'],
    ['{"nftables": [{"table": {}]}]}', 1, 'entry 1 is not JSON'],
    ['{"nftables": []} \n{}', 2, 'more after its end'],
    ['{"nftables": [],\n"nftables": []}', 1, 'more than one "nftables"'],
    ['{"nftables":\n{}}', 2, '"nftables" is no list'],
    ['{"other": [}', 1, 'is not JSON'],
    ['{"other": 1}', 1, 'no list "nftables"'],
    ['{}', 1, 'no list "nftables"'],
    ['[]', 1, 'no list "nftables"'],
    ['Error: syntax error', 1, 'no list "nftables"'],
  ])('refuses %j at line %i', (text, line, problem) => {
    const error = failure(text);
    expect(error.message).toContain(problem);
    expect(error.line).toBe(line);
  });
});

describe('readNftRuleset', () => {
  it('says the same as parseNftRuleset, however often and in whatever order it is asked', () => {
    for (const { name, text } of recorded) {
      const [read, whole] = [readNftRuleset(text), parseNftRuleset(text)];
      for (let time = 0; time < 2; time += 1) {
        expect(
          read.rules.toReversed().map((rule) => ({ ...rule, expr: rule.expr })),
          name,
        ).toEqual(whole.rules.toReversed());
        expect(
          read.sets.map((set) => ({ ...set, elements: set.elements })),
          name,
        ).toEqual(whole.sets);
      }
    }
  });
});

describe('a dump that is changed on its way', () => {
  const table = (name: string) => ({ table: { family: 'inet', name, handle: 1 } });
  const rule = (name: string) => ({ rule: { family: 'inet', table: name, chain: 'c', handle: 2, expr: [] } });
  const chain = (name: string, rest: object) => ({ chain: { family: 'netdev', table: 't', name, handle: 3, ...rest } });
  const json = (...objects: readonly object[]): string => JSON.stringify({ nftables: objects });

  it('lacks the tables of this program, and nothing else', () => {
    const text = json(table('vethoscope_trace_7'), table('mine'), rule('vethoscope_trace_7'), rule('mine'));
    expect(objectsOf(withoutOwnTables(text))).toEqual([table('mine'), rule('mine')]);
    expect(objectsOf(withoutOwnTables(json(table('vethoscope_trace_7'))))).toEqual([]);
  });

  it('is put together of its tables, as nft names them', () => {
    const both = joinedRulesets([json(table('a'), rule('a')), json(), json(table('b'))]);
    expect(objectsOf(both)).toEqual([table('a'), rule('a'), table('b')]);
    expect(() => joinedRulesets(['{"nftables": [{"table": '])).toThrow(ParseError);
    expect(parseNftTables('table ip nat\ntable inet vo # progname nft\n\nnone\n')).toEqual([
      { family: 'ip', name: 'nat' },
      { family: 'inet', name: 'vo' },
    ]);
  });

  it('has the devices of base chains, where it did not have them', () => {
    const hooked = { hook: 'ingress', prio: 0 };
    const text = json(chain('a', hooked), chain('b', {}), chain('c', { ...hooked, dev: 'eth1' }), chain('d', hooked));
    const bound = ['a', 'b', 'c'].map((name) => ({ family: 'netdev', table: 't', chain: name, devices: ['eth0'] }));
    expect(objectsOf(withDevices(text, bound))).toEqual([
      chain('a', { ...hooked, dev: ['eth0'] }),
      chain('b', {}),
      chain('c', { ...hooked, dev: 'eth1' }),
      chain('d', hooked),
    ]);
  });

  it('stays as it is where it is no ruleset', () => {
    for (const text of ['vethoscope_trace_7', '{"nftables": [{"chain": {"hook": "ingress"}}'])
      for (const changed of [withoutOwnTables(text), withDevices(text, [])]) expect(changed).toBe(text);
  });
});
