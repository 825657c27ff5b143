import { expect, test, vi } from 'vitest';
import { stateFromDumps } from '../../../src/engine/dumps.js';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import * as iptablesSave from '../../../src/parse/iptables-save.js';

vi.mock('../../../src/parse/iptables-save.js', { spy: true });

const SAVE = '*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -j DROP\nCOMMIT\n';

test('a dump of iptables is parsed once: the walk uses what was parsed when it was checked', () => {
  const { state } = stateFromDumps({ iptables: SAVE }, 4, 'eth0');
  expect([...loadNetfilter(state).chains.values()].map(({ rules }) => rules.length)).toEqual([1]);
  const texts = vi.mocked(iptablesSave.parseIptablesSave).mock.calls.map(([text]) => text);
  expect(texts.filter((text) => text === SAVE)).toHaveLength(1);
});

test('a dump that nft makes up for must be readable all the same', () => {
  const nft = '{"nftables": [{"table": {"family": "ip", "name": "filter", "handle": 1}}]}';
  expect(() => stateFromDumps({ iptables: '*filter\nrubbish\n', nft }, 4, 'eth0')).toThrow(
    /^--iptables: iptables-save, line 2/,
  );
});
