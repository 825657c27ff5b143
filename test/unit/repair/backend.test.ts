import { expect, test } from 'vitest';
import { backendOf } from '../../../src/repair/build/observe.js';
import { fromNft, fromSave, joined } from '../../../src/repair/build/rulesets.js';

const NFT = fromNft('table inet own {\n\tchain forward {\n\t\ttcp dport 22 accept\n\t}\n}\n');
const legacy = (lines: string) => fromSave(`*nat\n${lines}\nCOMMIT\n`, 'iptables-legacy');

test.each([
  ['is empty says nothing', ':POSTROUTING ACCEPT [0:0]', 'nft'],
  ['has a rule is in use', ':POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE', 'iptables-legacy'],
  ['has a policy that drops is in use', ':POSTROUTING DROP [0:0]', 'iptables-legacy'],
])('a legacy table that %s', async (_, lines, backend) => {
  expect(await backendOf(joined([NFT, legacy(lines)]), null)).toBe(backend);
});
