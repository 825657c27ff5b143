import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIptablesSave, renderIptablesSave } from '../../../src/parse/iptables-save.js';
import { ParseError } from '../../../src/parse/parse-error.js';

const FIXTURES = new URL('../../../fixtures/rulesets/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, FIXTURES), 'utf8');

const dump = (...lines: readonly string[]): string =>
  ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD DROP [12:3456]', ':USER - [0:0]', ...lines, 'COMMIT', ''].join('\n');

const onlyRule = (line: string) => {
  const rule = parseIptablesSave(dump(line)).tables[0]?.rules[0];
  if (rule === undefined) throw new Error('no rule');
  return rule;
};

describe('parseIptablesSave', () => {
  it('reads tables, chains and policies with their counters', () => {
    const { tables } = parseIptablesSave(dump());
    expect(tables).toMatchObject([
      {
        name: 'filter',
        chains: [
          { name: 'INPUT', policy: 'ACCEPT', counter: { packets: 0, bytes: 0 } },
          { name: 'FORWARD', policy: 'DROP', counter: { packets: 12, bytes: 3456 } },
          { name: 'USER', policy: null, counter: { packets: 0, bytes: 0 } },
        ],
      },
    ]);
  });

  it('sorts a rule into options, matches and target', () => {
    const rule = onlyRule(
      '[3:252] -A FORWARD ! -s 10.0.0.0/8 -i eth+ -p tcp -m tcp ! --dport 80 --tcp-flags FIN,SYN SYN -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset',
    );
    expect(rule).toMatchObject({
      chain: 'FORWARD',
      counter: { packets: 3, bytes: 252 },
      options: [
        { name: '-s', negated: true, values: ['10.0.0.0/8'] },
        { name: '-i', negated: false, values: ['eth+'] },
        { name: '-p', negated: false, values: ['tcp'] },
      ],
      matches: [
        {
          name: 'tcp',
          options: [
            { name: '--dport', negated: true, values: ['80'] },
            { name: '--tcp-flags', negated: false, values: ['FIN,SYN', 'SYN'] },
          ],
        },
        { name: 'conntrack', options: [{ name: '--ctstate', negated: false, values: ['NEW'] }] },
      ],
      target: { kind: 'jump', name: 'REJECT', options: [{ name: '--reject-with', values: ['tcp-reset'] }] },
    });
    expect(rule.text.startsWith('-A FORWARD ! -s')).toBe(true);
  });

  it.each([
    ['a quoted comment', '-m comment --comment "hello \\\'x\\\' \\"y\\" -j z" -j DROP', 'hello \'x\' "y" -j z'],
    ['a comment that looks like an option', '-m comment --comment --dport -j DROP', '--dport'],
    ['a backslash', '-m comment --comment "a\\\\b" -j DROP', 'a\\b'],
  ])('reads %s', (_, text, comment) => {
    const rule = onlyRule(`-A USER ${text}`);
    expect(rule.comment).toBe(comment);
    expect(rule.target?.name).toBe('DROP');
  });

  it('reads a goto, a negation of the older form, and an extension that nobody knows', () => {
    expect(onlyRule('-A FORWARD -g USER').target).toMatchObject({ kind: 'goto', name: 'USER' });
    expect(onlyRule('-A FORWARD -p tcp -m tcp --dport ! 80').matches[0]?.options).toEqual([
      { name: '--dport', negated: true, values: ['80'] },
    ]);
    expect(onlyRule('-A FORWARD -m geoip ! --source-country CN,RU -j DROP').matches).toEqual([
      { name: 'geoip', options: [{ name: '--source-country', negated: true, values: ['CN,RU'] }] },
    ]);
  });

  it('keeps interface names with odd characters', () => {
    expect(onlyRule('-A FORWARD -i -x"y -o __proto__ -j DROP').options).toMatchObject([
      { name: '-i', values: ['-x"y'] },
      { name: '-o', values: ['__proto__'] },
    ]);
  });

  it('names the tables that iptables cannot show', () => {
    expect(parseIptablesSave(read('recorded/incompatible.save')).incompatible).toEqual(['filter']);
  });

  it('takes empty output for no tables', () => {
    expect(parseIptablesSave('').tables).toEqual([]);
  });

  it.each([
    ['a rule outside a table', '-A FORWARD -j DROP\n', 1],
    ['output that is cut off', '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DROP\n', 1],
    ['a table within a table', '*filter\n:FORWARD ACCEPT [0:0]\n*nat\nCOMMIT\n', 3],
    ['a rule of a chain that is not declared', dump('-A NOWHERE -j DROP'), 5],
    ['an open quote', dump('-A FORWARD -m comment --comment "open'), 5],
    ['garbage', dump('Segmentation fault'), 5],
    ['a value where an option must be', dump('-A FORWARD 10.0.0.1 -j DROP'), 5],
    ['two targets', dump('-A FORWARD -j DROP -j ACCEPT'), 5],
    ['a chain twice', dump(':USER - [0:0]'), 5],
    ['a broken chain line', '*filter\n:FORWARD\nCOMMIT\n', 2],
  ])('refuses %s and names the line', (_, text, line) => {
    expect(() => parseIptablesSave(text)).toThrow(ParseError);
    expect(() => parseIptablesSave(text)).toThrow(`iptables-save, line ${line}: `);
  });

  const goldens = readdirSync(new URL('docker/iptables/', FIXTURES)).map((name) => `docker/iptables/${name}`);
  const recorded = ['recorded/extensions.save', 'recorded/mixed.save', 'recorded/incompatible.save'];

  it.each([...goldens, ...recorded])('gives %s back', (path) => {
    expect(renderIptablesSave(parseIptablesSave(read(path)))).toBe(read(path));
  });

  it('either reads a text or refuses it with a ParseError', () => {
    const words = fc.constantFrom(
      '*nat',
      'COMMIT',
      ':A - [0:0]',
      '-A A',
      '-j',
      '"',
      '!',
      '--comment',
      '\\',
      '[1:2]',
      '\n',
      ' ',
    );
    const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 20 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(text, (input) => {
        try {
          const again = renderIptablesSave(parseIptablesSave(input));
          expect(again.replace(/\n$/, '').length).toBe(input.replace(/\n$/, '').length);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
