import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import { sourceTranslations } from '../../../src/netfilter/rules.js';
import type { HookContext, HookPacket } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, textbookContext, textbookPacket } from './helpers/state.js';

const base = (
  table: string,
  priority: number,
  handle: number,
  type = 'filter',
  hook = 'forward',
  policy = 'accept',
) => [
  { table: { family: 'inet', name: table, handle } },
  { chain: { family: 'inet', table, name: 'base', handle: 1, type, hook, prio: priority, policy } },
];

const rule = (expr: readonly unknown[], table = 't', handle = 9) => ({
  rule: { family: 'inet', table, chain: 'base', handle, expr },
});

const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const meta = (key: string) => ({ meta: { key } });

const load = (...entries: readonly unknown[]) =>
  loadNetfilter(netnsState({ nftables: JSON.stringify({ nftables: entries }) }));

const DROP = { drop: null };

const answer = (
  expr: readonly unknown[],
  packet: Partial<HookPacket> = {},
  context: Partial<HookContext> = {},
): string => {
  const state = load(...base('t', 0, 1), rule([...expr, DROP]));
  const { verdict } = walkHook(state, 'forward', { ...textbookPacket, ...packet }, { ...textbookContext, ...context });
  return verdict === 'drop' ? 'yes' : verdict === 'accept' ? 'no' : verdict;
};

const tcp = { protocol: 'tcp', icmp: null, sourcePort: 40000, destinationPort: 443, tcpFlags: ['SYN'] } as const;
const six = { family: 6, source: '2001:db8::2', destination: '2001:db8:5::5', icmp: { type: 128, code: 0 } } as const;

describe('matches of nft', () => {
  it.each([
    ['an IPv6 field of an IPv4 packet', [match(payload('ip6', 'saddr'), '2001:db8::2', '!=')], {}, 'no'],
    ['a port of another protocol', [match(payload('udp', 'dport'), 443, '!=')], tcp, 'no'],
    [
      'the highest bits of the mark',
      [match(meta('mark'), { prefix: { addr: 65536, len: 16 } })],
      { mark: 0x1ffff },
      'yes',
    ],
    ['other bits of the mark', [match(meta('mark'), { prefix: { addr: 65536, len: 16 } })], { mark: 0x2ffff }, 'no'],
    [
      'a prefix of a set',
      [match(meta('mark'), { set: [{ prefix: { addr: '0x20000', len: 16 } }] })],
      { mark: 0x2ffff },
      'yes',
    ],
    ['a prefix longer than a mark', [match(meta('mark'), { prefix: { addr: 0, len: 33 } })], {}, 'unknown'],
    ['a number of one', [match({ numgen: { mode: 'random', mod: 1, offset: 3 } }, 3)], {}, 'yes'],
    ['a hash of one value', [match({ jhash: { mod: 1, expr: payload('ip', 'saddr') } }, 0, '!=')], {}, 'no'],
    ['a number of two', [match({ numgen: { mode: 'inc', mod: 2, offset: 0 } }, 0)], {}, 'unknown'],
    ['an IPv6 prefix', [match(payload('ip6', 'daddr'), { prefix: { addr: '2001:db8::', len: 32 } })], six, 'yes'],
    ['icmpv6 by name', [match(payload('icmpv6', 'type'), 'echo-request')], six, 'yes'],
    ['th on ICMP reads the checksum', [match(payload('th', 'dport'), 53)], {}, 'unknown'],
    ['th on ICMP reads type and code', [match(payload('th', 'sport'), 0x0800)], {}, 'yes'],
    [
      'a concatenation whose known part differs',
      [match({ concat: [meta('l4proto'), payload('th', 'dport')] }, { set: [{ concat: ['tcp', 443] }] })],
      {},
      'no',
    ],
    ['a wildcard', [match(meta('iifname'), 'br*')], {}, 'yes'],
    ['a literal star', [match(meta('iifname'), 'br\\*')], {}, 'no'],
    ['no device', [match(meta('iifname'), 'br0', '!=')], { iif: null }, 'yes'],
    ['a set that is not in the dump', [match(payload('ip', 'saddr'), '@gone')], {}, 'unknown'],
    ['a symbol that nobody knows', [match(payload('ip', 'protocol'), 'quic')], {}, 'unknown'],
    ['a header that the packet has not', [match(payload('sctp', 'dport'), 80)], tcp, 'no'],
    ['flags of a TCP SYN', [match(payload('tcp', 'flags'), ['syn', 'ack'], 'in')], tcp, 'yes'],
    ['exactly these flags', [match(payload('tcp', 'flags'), ['syn', 'ack'])], tcp, 'no'],
    ['a shift', [match({ '>>': [meta('mark'), 4] }, 2)], { mark: 0x21 }, 'yes'],
    ['an order', [match(payload('ip', 'ttl'), 63, '<')], {}, 'no'],
    ['a random number', [match({ numgen: { mode: 'random', mod: 2, offset: 0 } }, 0)], {}, 'unknown'],
    ['an assured connection', [match({ ct: { key: 'status' } }, 'assured', 'in')], {}, 'unknown'],
    ['an xt match of unknown parameters', [{ xt: { type: 'match', name: 'string' } }], {}, 'unknown'],
    ['an anonymous chain, which has no JSON', ['jump {\n\t\tip saddr 1.1.1.1 drop\n\t}'], {}, 'unknown'],
  ] as const)('%s', (_, expr, packet, expected) => {
    expect(answer(expr, packet)).toBe(expected);
  });

  it('asks the context for routes', () => {
    const missing = match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false);
    expect(answer([missing])).toBe('unknown');
    expect(answer([missing], {}, { reversePathOk: () => false })).toBe('yes');
    expect(answer([missing], {}, { reversePathOk: () => true })).toBe('no');
    const zero = match({ fib: { result: 'oif', flags: ['saddr', 'mark', 'iif'] } }, 0);
    expect(answer([zero], {}, { reversePathOk: () => false })).toBe('yes');
    expect(answer([match({ fib: { result: 'type', flags: ['saddr'] } }, 'local')], { source: '192.168.0.1' })).toBe(
      'yes',
    );
  });
});

describe('base chains of nft', () => {
  it('run in the order of their priorities; a later drop is final, an accept is not', () => {
    const state = load(...base('a', 10, 1), rule([DROP], 'a'), ...base('b', -5, 2), rule([{ accept: null }], 'b'));
    const walk = walkHook(state, 'forward', textbookPacket, textbookContext);
    expect(walk.met.map(({ table }) => table)).toEqual(['b', 'a']);
    expect(walk.decidedBy?.table).toBe('a');
  });

  it('of equal priority that both drop: which is first is not known, and said so', () => {
    const state = load(...base('a', 0, 1), rule([DROP], 'a'), ...base('b', 0, 2), rule([DROP], 'b'));
    const walk = walkHook(state, 'forward', textbookPacket, textbookContext);
    expect(walk.verdict).toBe('drop');
    expect(walk.drops).toHaveLength(2);
    expect(walk.unknowns).toMatchObject([{ rule: null, because: expect.stringContaining('priority 0') }]);
  });

  it('of type nat: the first mapping wins, whatever an earlier chain accepts', () => {
    const dnat = (address: string) => ({ dnat: { family: 'ip', addr: address } });
    const state = load(
      ...base('a', -110, 1, 'nat', 'prerouting'),
      rule([{ accept: null }], 'a'),
      ...base('b', -100, 2, 'nat', 'prerouting'),
      rule([dnat('192.168.0.7')], 'b'),
      ...base('c', -90, 3, 'nat', 'prerouting'),
      rule([dnat('192.168.0.8')], 'c'),
    );
    const walk = walkHook(state, 'prerouting', { ...textbookPacket, oif: null }, textbookContext);
    expect(walk.packet.destination).toBe('192.168.0.7');
    expect(walk.translations.map((translation) => translation.rule.table)).toEqual(['b']);
    expect(walk.unknowns).toEqual([]);
  });

  it('of type nat and equal priority that both translate: said so', () => {
    const entries = (table: string, handle: number) => [
      ...base(table, 100, handle, 'nat', 'postrouting'),
      rule([{ masquerade: null }], table),
    ];
    const walk = walkHook(load(...entries('a', 1), ...entries('b', 2)), 'postrouting', textbookPacket, textbookContext);
    expect(walk.translations).toHaveLength(1);
    expect(walk.unknowns).toHaveLength(1);
  });

  it('with a priority that nobody knows leave the verdict open', () => {
    const state = load(...base('t', 0, 1), {
      chain: { family: 'inet', table: 't', name: 'odd', handle: 3, type: 'filter', hook: 'forward', prio: 'whenever' },
    });
    expect(walkHook(state, 'forward', textbookPacket, textbookContext).verdict).toBe('unknown');
  });

  it('count in a rule before an expression that fails, which is no match', () => {
    const counter = { counter: { packets: 0, bytes: 0 } };
    const state = load(...base('t', 0, 1), rule([counter, match(meta('iifname'), 'eth9'), DROP]));
    const walk = walkHook(state, 'forward', textbookPacket, textbookContext);
    expect(walk.verdict).toBe('accept');
    expect(walk.met.map(({ index }) => index)).toEqual([null]);
    expect(walk.counted?.map(({ index }) => index)).toEqual([1]);
  });

  it('reject with what the rule says', () => {
    const rejected = (body: unknown) =>
      walkHook(load(...base('t', 0, 1), rule([{ reject: body }])), 'forward', textbookPacket, textbookContext).decidedBy
        ?.rejectWith;
    expect(rejected(null)).toBe('icmpx-port-unreachable');
    expect(rejected({ type: 'icmp', expr: 'host-prohibited' })).toBe('icmp-host-prohibited');
    expect(rejected({ type: 'tcp reset' })).toBe('tcp-reset');
  });

  it('decide by a verdict map, and the rule then carries the verdict', () => {
    const vmap = { vmap: { key: { ct: { key: 'state' } }, data: { set: [['new', DROP]] } } };
    const walk = walkHook(load(...base('t', 0, 1), rule([vmap])), 'forward', textbookPacket, textbookContext);
    expect(walk.decidedBy).toMatchObject({ target: 'DROP', text: 'ct state vmap { new : drop }' });
  });
});

describe('sourceTranslations of nft', () => {
  it('lists networks, devices and addresses, one entry for each element of a set', () => {
    const text = readFileSync(new URL('../../../fixtures/rulesets/recorded/expressions.json', import.meta.url), 'utf8');
    const state = loadNetfilter(netnsState({ nftables: text }));
    expect(
      sourceTranslations(state, 4).map(({ source, oif, oifNegated, toAddress, masquerade }) => [
        source,
        oifNegated ? `! ${oif}` : oif,
        masquerade ? 'masquerade' : toAddress,
      ]),
    ).toEqual([
      [null, null, 'masquerade'],
      [null, null, 'masquerade'],
      ['192.168.0.0/24', '! br0', 'masquerade'],
      [null, null, '1.2.3.4'],
      [null, null, '1.2.3.4/30'],
      [null, null, null],
    ]);
    const sets = load(
      ...base('t', 100, 1, 'nat', 'postrouting'),
      rule([
        match(payload('ip', 'saddr'), { set: ['10.0.0.1', { prefix: { addr: '192.168.0.0', len: 24 } }] }),
        match(meta('oifname'), 'eth*'),
        { masquerade: null },
      ]),
    );
    expect(sourceTranslations(sets, 4)).toMatchObject([
      { source: '10.0.0.1', oif: 'eth*', masquerade: true },
      { source: '192.168.0.0/24', oif: 'eth*', masquerade: true },
    ]);
  });
});
