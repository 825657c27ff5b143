import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseArptablesSave } from '../../../src/parse/arptables-save.js';
import { parseEbtablesSave } from '../../../src/parse/ebtables-save.js';
import { renderFrameSave } from '../../../src/parse/frame-save.js';
import { parseNftChains } from '../../../src/parse/nft-chains.js';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rulesets/frames/${name}`, import.meta.url), 'utf8');

describe('dumps of ebtables and arptables', () => {
  it.each([
    ['ebtables-nft.save', parseEbtablesSave],
    ['ebtables-nft-counters.save', parseEbtablesSave],
    ['ebtables-nft-option-counters.save', parseEbtablesSave],
    ['ebtables-legacy.save', parseEbtablesSave],
    ['arptables-nft.save', parseArptablesSave],
    ['arptables-nft-counters.save', parseArptablesSave],
    ['arptables-legacy.save', parseArptablesSave],
  ] as const)('%s renders back to its own text', (name, parse) => {
    expect(renderFrameSave(parse(fixture(name)))).toBe(fixture(name));
  });

  it('have the same rules whichever way counters are written', () => {
    const rules = (name: string) =>
      parseEbtablesSave(fixture(name)).tables.flatMap((table) => table.rules.map(({ text }) => text));
    expect(rules('ebtables-nft-counters.save')).toEqual(rules('ebtables-nft.save'));
    expect(rules('ebtables-nft-option-counters.save')).toEqual(rules('ebtables-nft.save'));
  });

  it('take a rule apart into options and target', () => {
    const [filter] = parseEbtablesSave(fixture('ebtables-nft-option-counters.save')).tables;
    expect(filter?.rules.find(({ text }) => text.includes('--ip-dport'))).toMatchObject({
      chain: 'FORWARD',
      counter: { packets: 0, bytes: 0 },
      target: { name: 'ACCEPT' },
      options: [
        { name: '-p', values: ['IPv4'] },
        { name: '-o', negated: true, values: ['veth+'] },
        { name: '--ip-src', values: ['10.0.0.0/8'] },
        { name: '--ip-proto', values: ['tcp'] },
        { name: '--ip-dport', values: ['80:90'] },
      ],
    });
    expect(filter?.chains.find(({ name }) => name === 'mine')?.policy).toBe('DROP');
  });

  it.each([
    ['a rule before any table', '-A INPUT -j DROP\n', 1],
    ['a chain that is not declared', '*filter\n:INPUT ACCEPT\n-A OUTPUT -j DROP\n', 3],
    ['a chain declared twice', '*filter\n:INPUT ACCEPT\n:INPUT DROP\n', 3],
    ['a declaration without policy', '*filter\n:INPUT\n', 2],
    ['two targets', '*filter\n:INPUT ACCEPT\n-A INPUT -j DROP -j ACCEPT\n', 3],
    ['a target without name', '*filter\n:INPUT ACCEPT\n-A INPUT -j\n', 3],
    ['a word where an option must stand', '*filter\n:INPUT ACCEPT\n-A INPUT DROP\n', 3],
    ['an open quote', '*filter\n:INPUT ACCEPT\n-A INPUT --log-prefix "a -j DROP\n', 3],
    ['two counters', '*filter\n:INPUT ACCEPT\n[1:2] -A INPUT -j DROP -c 1 2\n', 3],
    ['a rule after the end of its table', '*filter\n:INPUT ACCEPT\n\n-A INPUT -j DROP\n', 4],
    ['what is no rule', '*filter\n:INPUT ACCEPT\nnonsense\n', 3],
  ])('are refused with the line: %s', (_, text, line) => {
    expect(() => parseEbtablesSave(text)).toThrow(expect.objectContaining({ line }));
  });

  it('may be empty', () => {
    expect(parseEbtablesSave('').tables).toEqual([]);
  });
});

describe('chains of nft with their devices', () => {
  it('are found in the plain listing', () => {
    expect(parseNftChains(fixture('netdev-chains.nft'))).toEqual([
      { family: 'netdev', table: 'edge', chain: 'in', devices: ['lo'] },
      { family: 'netdev', table: 'edge', chain: 'out', devices: ['lo'] },
      { family: 'inet', table: 'x', chain: 'i', devices: ['lo'] },
    ]);
  });

  it('may have several', () => {
    const text =
      'table netdev t {\n\tchain c {\n\t\ttype filter hook ingress devices = { eth0, eth1 } priority 0; policy accept;\n\t}\n}\n';
    expect(parseNftChains(text)).toEqual([{ family: 'netdev', table: 't', chain: 'c', devices: ['eth0', 'eth1'] }]);
  });
});
