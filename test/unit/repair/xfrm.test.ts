import { expect, test } from 'vitest';
import { describeCommand } from '../../../src/repair/command.js';
import { isWhole } from '../../../src/repair/facts/facts.js';
import { xfrmFacts } from '../../../src/repair/facts/from-xfrm.js';
import { restoreCommands } from '../../../src/repair/restore-commands.js';

const limits = (hard = 'INF'): string => `\tlifetime config:
\t  limit: soft (INF)(bytes), hard (${hard})(bytes)
\t  limit: soft (INF)(packets), hard (INF)(packets)
\t  expire add: soft 0(sec), hard 0(sec)
\t  expire use: soft 0(sec), hard 0(sec)
\tlifetime current:
\t  840(bytes), 10(packets)
\t  add 2026-11-30 04:02:43 use 2026-11-30 04:03:00
`;

const policy = (more = '', selector = 'src 192.168.0.0/24 dst 203.0.113.0/24', priority = 7): string =>
  `${selector} uid 0
\tdir fwd action block index 2 priority ${priority} ptype main share any flag  (0x00000000)
${limits()}${more}`;

const KEY = 'src 192.168.0.0/24 dst 203.0.113.0/24 dir fwd';

test('a policy that blocks is read in the words that add it', () => {
  expect(xfrmFacts(policy())).toEqual([['xfrm-policy', KEY, 'action block priority 7']]);
  expect(xfrmFacts('')).toEqual([]);
});

test.each([
  ['has a mark', policy('\tmark 0x1/0xff \n')],
  ['wants a tunnel', policy('\ttmpl src 198.51.100.10 dst 198.51.100.1\n\t\tproto esp reqid 1 mode tunnel\n')],
  ['ends after some bytes', policy().replace('hard (INF)(bytes)', 'hard 1000(bytes)')],
  ['is localized', policy().replace('flag  (0x00000000)', 'flag localok (0x00000001)')],
  ['stands beside another of its priority', policy() + policy('', 'src 10.0.0.0/8 dst 203.0.113.0/24')],
])('one that %s cannot be put back whole', (_name, output) => {
  expect(xfrmFacts(output).every(([, , value]) => !isWhole(value))).toBe(true);
});

test('others of another priority are no matter', () => {
  const facts = xfrmFacts(policy() + policy('', 'src 10.0.0.0/8 dst 203.0.113.0/24', 8));
  expect(facts.map(([, , value]) => isWhole(value))).toEqual([true, true]);
});

test('it is taken out, and put back', () => {
  const command = ['ip', 'xfrm', 'policy', 'delete', ...KEY.split(' ')];
  expect(describeCommand(command)).toMatchObject({ sign: '-', fact: { facet: 'xfrm-policy', key: KEY } });
  const fact = { netns: 'host', facet: 'xfrm-policy', key: KEY } as const;
  const whole = 'action block priority 7';
  expect(restoreCommands({ ...fact, current: whole, wanted: null })).toEqual([command]);
  expect(restoreCommands({ ...fact, current: null, wanted: whole })).toEqual([
    ['ip', 'xfrm', 'policy', 'add', ...KEY.split(' '), ...whole.split(' ')],
  ]);
});

test.each(['flush', 'delete', `delete ${KEY} ptype sub`, `deleteall ${KEY}`])(
  'is not run: ip xfrm policy %s',
  (words) => {
    expect(describeCommand(['ip', 'xfrm', 'policy', ...words.split(' ')])).toBeNull();
  },
);
