import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterOf } from '../../../src/netfilter/counters.js';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import { baseChains, chainRules, findChains, isReachable, sourceTranslations } from '../../../src/netfilter/rules.js';
import type { HookPacket } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, notRead, textbookContext, textbookPacket } from './helpers/state.js';

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rulesets/recorded/${name}`, import.meta.url), 'utf8');

const FORWARD = { backend: 'nft', family: 'ip', table: 'filter', chain: 'FORWARD' } as const;
const tcp: HookPacket = { ...textbookPacket, protocol: 'tcp', sourcePort: 40000, destinationPort: 443, icmp: null };

describe('loadNetfilter', () => {
  it('gives the same result for the same state', () => {
    const state = netnsState({ iptablesNft: recorded('mixed.save') });
    expect(loadNetfilter(state)).toBe(loadNetfilter(state));
  });

  it('takes rules that nft made in a table of iptables from nft, not from the misprint', () => {
    const state = loadNetfilter(netnsState({ iptablesNft: recorded('mixed.save'), nftables: recorded('mixed.json') }));
    expect(state.unread).toEqual([]);
    expect(chainRules(state, FORWARD).map((rule) => rule.text)).toEqual([
      '-A FORWARD -j DOCKER-USER',
      'ip saddr { 10.0.0.0/8, 192.168.0.0/16 } drop',
      'iifname { "eth0", "eth1" } counter accept',
      'tcp dport { 22, 80 } accept',
      'ip saddr 10.0.0.1-10.0.0.9 counter drop',
      '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -i br0 -j ACCEPT',
    ]);
    const walk = walkHook(state, 'forward', { ...textbookPacket, source: '198.51.100.7' }, textbookContext);
    expect(walk.decidedBy).toBeNull();
    expect(walk.met.at(-1)?.text).toBe('-A FORWARD -i br0 -j ACCEPT');
    expect(walkHook(state, 'forward', textbookPacket, textbookContext).decidedBy).toMatchObject({
      index: 2,
      backend: 'nft',
    });
    expect(walkHook(state, 'forward', tcp, textbookContext).decidedBy).toMatchObject({
      chain: 'DOCKER-USER',
      index: 1,
    });
  });

  it('believes the misprint when nft was not read, and says that nft was not read', () => {
    const state = loadNetfilter(
      netnsState({ iptablesNft: recorded('mixed.save'), nftables: notRead('nft is not installed') }),
    );
    const walk = walkHook(
      state,
      'forward',
      { ...textbookPacket, iif: 'eth9', source: '198.51.100.7' },
      textbookContext,
    );
    expect(walk.unknowns).toEqual([{ rule: null, because: 'the nftables rules were not read: nft is not installed' }]);
  });

  it('takes an incompatible table from nft, with its extensions unknown', () => {
    const state = loadNetfilter(
      netnsState({ iptablesNft: recorded('incompatible.save'), nftables: recorded('incompatible.json') }),
    );
    const walk = walkHook(state, 'forward', { ...tcp, source: '198.51.100.7' }, textbookContext);
    expect(walk.verdict).toBe('unknown');
    expect(walk.possibleDrops?.map((rule) => rule.chain)).toEqual(['DOCKER-USER']);
    expect(walk.unknowns[0]?.because).toContain('multiport');
  });

  it('treats extensions as unknown when iptables-nft-save shows another number of rules', () => {
    const save = recorded('mixed.save').replace(
      '[0:0] -A DOCKER-USER -p tcp -m multiport --dports 80,443 -j DROP\n',
      '',
    );
    const state = loadNetfilter(netnsState({ iptablesNft: save, nftables: recorded('mixed.json') }));
    const walk = walkHook(state, 'forward', { ...tcp, source: '198.51.100.7' }, textbookContext);
    expect(walk.verdict).toBe('unknown');
  });

  it('takes a table named like one of iptables, but with base chains of its own, for a table of nft', () => {
    const nftables = JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 'filter', handle: 1 } },
        {
          chain: {
            family: 'ip',
            table: 'filter',
            name: 'forward',
            handle: 1,
            type: 'filter',
            hook: 'forward',
            prio: 0,
            policy: 'drop',
          },
        },
        { chain: { family: 'ip', table: 'filter', name: 'user', handle: 2 } },
        { rule: { family: 'ip', table: 'filter', chain: 'forward', handle: 3, expr: [{ jump: { target: 'user' } }] } },
        { rule: { family: 'ip', table: 'filter', chain: 'user', handle: 4, expr: [{ drop: null }] } },
      ],
    });
    const iptablesNft = [
      "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.",
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':user - [0:0]',
      '[0:0] -A user -j DROP',
      'COMMIT',
      '',
    ].join('\n');
    const walk = walkHook(
      loadNetfilter(netnsState({ nftables, iptablesNft })),
      'forward',
      textbookPacket,
      textbookContext,
    );
    expect(walk.decidedBy).toMatchObject({ backend: 'nftables', chain: 'user', handle: 4, text: 'drop' });
    expect(walk.met).toHaveLength(2);
  });

  it.each(['iptablesLegacy', 'nftables'] as const)('does not take %s for empty when it could not be read', (name) => {
    const state = loadNetfilter(netnsState({ [name]: notRead('not permitted') }));
    const walk = walkHook(state, 'forward', textbookPacket, textbookContext);
    expect(walk.verdict).toBe('unknown');
    expect(walk.drops).toEqual([]);
    expect(walk.unknowns).toHaveLength(1);
  });

  it('does not let ip6tables that was not read disturb IPv4', () => {
    const state = loadNetfilter(netnsState({ ip6tablesLegacy: notRead('not installed') }));
    expect(walkHook(state, 'forward', textbookPacket, textbookContext).verdict).toBe('accept');
    const six: HookPacket = { ...textbookPacket, family: 6, source: '2001:db8::2', destination: '2001:db8:5::5' };
    expect(walkHook(state, 'forward', six, textbookContext).verdict).toBe('unknown');
  });

  it('says of a dump that is cut off that it was not understood', () => {
    const state = loadNetfilter(netnsState({ iptablesLegacy: '*filter\n:FORWARD DROP [0:0]\n' }));
    expect(state.unread[0]?.because).toContain('line 1');
    expect(walkHook(state, 'forward', textbookPacket, textbookContext).verdict).toBe('unknown');
  });

  it('never throws, whatever a node of the JSON turns into', () => {
    const whole: unknown = JSON.parse(recorded('expressions.json'));
    const junk = fc.constantFrom<unknown>(
      null,
      7,
      -1,
      1e300,
      '',
      'x',
      '@',
      '@bad',
      [],
      {},
      [[]],
      { set: 3 },
      { __proto__: 1 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4000), junk), { minLength: 1, maxLength: 30 }), (changes) => {
        const text = JSON.stringify(mutate(whole, new Map(changes)));
        const state = loadNetfilter(netnsState({ nftables: text }));
        for (const packet of [textbookPacket, tcp]) {
          for (const hook of ['prerouting', 'forward', 'postrouting'] as const) {
            const walk = walkHook(state, hook, packet, textbookContext);
            expect(['accept', 'drop', 'reject', 'queue', 'unknown']).toContain(walk.verdict);
          }
        }
        sourceTranslations(state, 4);
        for (const chain of findChains(state, () => true)) isReachable(state, chain);
      }),
      { seed: 11, numRuns: 150 },
    );
  });
});

/** The JSON with the nodes of some numbers, counted depth first, replaced. */
const mutate = (json: unknown, changes: ReadonlyMap<number, unknown>): unknown => {
  let number = 0;
  const visit = (node: unknown): unknown => {
    number += 1;
    if (number > 1 && changes.has(number)) return changes.get(number);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]));
  };
  return visit(json);
};

describe('counterOf', () => {
  const save = (packets: number, extra = ''): string =>
    `*filter\n:FORWARD DROP [${packets}:${packets * 84}]\n${extra}[${packets}:9] -A FORWARD -i br0 -j ACCEPT\nCOMMIT\n`;
  const ref = (state: ReturnType<typeof loadNetfilter>, index: number | null) =>
    index === null
      ? baseChains(state, 'forward')[0]?.policy
      : chainRules(state, { ...FORWARD, backend: 'legacy' })[index - 1];

  it('finds the same rule and the same policy in another snapshot', () => {
    const before = loadNetfilter(netnsState({ iptablesLegacy: save(1) }));
    const after = loadNetfilter(netnsState({ iptablesLegacy: save(4) }));
    for (const index of [1, null]) {
      const rule = ref(before, index);
      if (rule === undefined) throw new Error('no rule');
      expect(rule.counter?.packets).toBe(1);
      expect(counterOf(after, rule)?.packets).toBe(4);
    }
  });

  it('does not take another rule for the same', () => {
    const before = loadNetfilter(netnsState({ iptablesLegacy: save(1) }));
    const after = loadNetfilter(netnsState({ iptablesLegacy: save(4, '[8:8] -A FORWARD -j DROP\n') }));
    const rule = ref(before, 1);
    if (rule === undefined) throw new Error('no rule');
    expect(counterOf(after, rule)).toBeNull();
  });

  it('finds a rule of iptables-nft in a snapshot for which nft was not asked', () => {
    const save = recorded('mixed.save');
    const before = loadNetfilter(netnsState({ iptablesNft: save, nftables: recorded('mixed.json') }));
    const later = save.replace('[0:0] -A FORWARD -i br0', '[3:252] -A FORWARD -i br0');
    const after = loadNetfilter(netnsState({ iptablesNft: later, nftables: notRead('not asked again') }));
    const rule = chainRules(before, FORWARD).at(-1);
    if (rule === undefined) throw new Error('no rule');
    expect(rule.handle).not.toBeNull();
    expect(counterOf(after, rule)).toEqual({ packets: 3, bytes: 252 });
  });

  it('finds rules of nft by handle, and named counters; policies of nft have none', () => {
    const text = recorded('expressions.json');
    const state = loadNetfilter(netnsState({ nftables: text }));
    const rules = chainRules(state, { backend: 'nftables', family: 'inet', table: 't', chain: 'f' });
    const counted = rules.find((rule) => rule.comment === 'hi there');
    if (counted === undefined) throw new Error('no rule');
    expect(counted.counter).toEqual({ packets: 0, bytes: 0 });
    const later = text.replace(
      '"name": "cc", "table": "t", "handle": 6, "packets": 0',
      '"name": "cc", "table": "t", "handle": 6, "packets": 5',
    );
    expect(later).not.toBe(text);
    expect(counterOf(loadNetfilter(netnsState({ nftables: later })), counted)?.packets).toBe(5);
    const policy = baseChains(state, 'forward')[0]?.policy;
    expect(policy && counterOf(state, policy)).toBeNull();
  });
});
