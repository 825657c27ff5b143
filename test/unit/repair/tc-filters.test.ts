import { expect, test } from 'vitest';
import { describeCommand } from '../../../src/repair/command.js';
import { tcFilterFacts } from '../../../src/repair/facts/from-tc.js';
import { restoreCommands } from '../../../src/repair/restore-commands.js';

const PRINTED = `dev veth1_p ingress
filter protocol ip pref 49151 u32 chain 0 
filter protocol ip pref 49151 u32 chain 0 fh 800: ht divisor 1 
filter protocol ip pref 49151 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid 1:1 not_in_hw 
  match c0a80002/ffffffff at 12
filter protocol all pref 49152 bpf chain 0 
filter protocol all pref 49152 bpf chain 0 handle 0x1 direct-action not_in_hw bytecode '1,6 0 0 2'
dev veth1_p egress
dev eth0 ingress
dev eth0 egress
filter protocol ip pref 49151 bpf chain 0 
`;

const ADD =
  'tc filter add dev veth1_p ingress protocol ip pref 49151 u32 match ip src 192.168.0.2/32 match ip dst 203.0.113.5/32 flowid 1:1';

test('the filters of each hook are told apart by protocol and preference', () => {
  const facts = tcFilterFacts(PRINTED);
  expect(facts.map(([facet, key]) => `${facet} ${key}`)).toEqual([
    'tc-filter veth1_p ingress ip 49151',
    'tc-filter veth1_p ingress all 49152',
    'tc-filter eth0 egress ip 49151',
  ]);
  expect(facts[0]?.[2]).toContain('match c0a80002/ffffffff at 12');
});

test('a filter that lets packets pass is added, and taken away by its preference alone', () => {
  expect(describeCommand(ADD.split(' '))).toMatchObject({ sign: '+', scope: ['tc-filter'] });
  const wide = 'tc filter add dev v ingress protocol arp pref 3 u32 match u8 0 0 at 0 flowid 1:1';
  expect(describeCommand(wide.split(' '))).toMatchObject({ subject: expect.stringContaining('ingress of v') });
  const fact = { netns: 'host', facet: 'tc-filter', key: 'veth1_p ingress ip 49151' } as const;
  expect(restoreCommands({ ...fact, current: 'filter …', wanted: null })).toEqual([
    'tc filter del dev veth1_p ingress protocol ip pref 49151'.split(' '),
  ]);
});

test.each([
  'tc filter del dev veth1_p ingress',
  'tc filter add dev veth1_p ingress protocol ip u32 match ip src 192.168.0.2/32 flowid 1:1',
  'tc filter add dev veth1_p ingress protocol ip pref 5 u32 match ip src 192.168.0.2/32 action drop',
  'tc filter replace dev veth1_p ingress protocol ip pref 5 u32 match ip src 192.168.0.2/32 flowid 1:1',
])('is not run: %s', (command) => {
  expect(describeCommand(command.split(' '))).toBeNull();
});
