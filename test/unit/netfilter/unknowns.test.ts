import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { HookPacket, HookWalk } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, textbookContext, textbookPacket } from './helpers/state.js';

const forward = (
  rules: readonly string[],
  chains: readonly string[] = [],
  packet: HookPacket = textbookPacket,
): HookWalk => {
  const lines = [
    ':FORWARD ACCEPT [0:0]',
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...rules.map((rule) => `-A ${rule}`),
  ];
  const save = ['*filter', ...lines, 'COMMIT', ''].join('\n');
  return walkHook(loadNetfilter(netnsState({ iptablesLegacy: save })), 'forward', packet, textbookContext);
};

const texts = (walk: HookWalk): readonly string[] => (walk.possibleDrops ?? []).map((rule) => rule.text);

describe('a match that only the kernel can answer', () => {
  it('makes the verdict unknown when the ways part', () => {
    const walk = forward(['FORWARD -m limit --limit 2/sec -j ACCEPT', 'FORWARD -i br0 -j DROP']);
    expect(walk.verdict).toBe('unknown');
    expect(walk.decidedBy).toBeNull();
    expect(walk.unknowns).toMatchObject([{ rule: { index: 1 }, because: expect.stringContaining('rate limit') }]);
    expect(texts(walk)).toEqual(['-A FORWARD -i br0 -j DROP']);
    expect(walk.drops).toEqual([]);
  });

  it('leaves the verdict when both ways end alike', () => {
    const walk = forward(['FORWARD -m limit --limit 2/sec -j DROP', 'FORWARD -j DROP']);
    expect(walk.verdict).toBe('drop');
    expect(walk.decidedBy?.index).toBe(2);
    expect(texts(walk)).toEqual(['-A FORWARD -m limit --limit 2/sec -j DROP']);
  });

  it('is no matter before a target that passes on', () => {
    const walk = forward(['FORWARD -m limit --limit 2/sec -j LOG --log-prefix "x "', 'FORWARD -i br0 -j ACCEPT']);
    expect(walk.verdict).toBe('accept');
    expect(walk.unknowns).toEqual([]);
    expect(walk.met.map((rule) => rule.index)).toEqual([2]);
  });

  it('is no matter in a chain that comes back either way', () => {
    const walk = forward(
      ['FORWARD -j U', 'FORWARD -j DROP', 'U -m recent --rcheck --name x -j RETURN', 'U -i eth7 -j DROP'],
      ['U'],
    );
    expect(walk.verdict).toBe('drop');
    expect(walk.decidedBy).toMatchObject({ chain: 'FORWARD', index: 2 });
    expect(walk.unknowns).toEqual([]);
  });

  it('is no matter when another match of the rule fails', () => {
    const walk = forward(['FORWARD -m statistic --mode random --probability 0.5 -o wlan0 -j DROP']);
    expect(walk.verdict).toBe('accept');
    expect(walk.unknowns).toEqual([]);
  });

  it('that decides a mark is followed on both ways', () => {
    const rules = [
      'FORWARD -m time --timestart 10:00:00 -j MARK --set-xmark 0x1/0xffffffff',
      'FORWARD -m mark --mark 0x1 -j DROP',
    ];
    const save = ['*mangle', ':FORWARD ACCEPT [0:0]', ...rules.map((rule) => `-A ${rule}`), 'COMMIT', ''].join('\n');
    const walk = walkHook(
      loadNetfilter(netnsState({ iptablesLegacy: save })),
      'forward',
      textbookPacket,
      textbookContext,
    );
    expect(walk.verdict).toBe('unknown');
    expect(texts(walk)).toEqual(['-A FORWARD -m mark --mark 0x1 -j DROP']);
    expect(walk.packet.mark ^ (walk.alternatives?.[0]?.mark ?? 0)).toBe(1);
  });

  it.each([
    ['an extension that nobody knows', 'FORWARD -m geoip --source-country CN -j DROP'],
    ['a target that nobody knows', 'FORWARD -j STEAL'],
    ['an option that nobody knows', 'FORWARD -p tcp -m tcp --tcp-option 5 -j DROP'],
    ['an ipset that was not read', 'FORWARD -m set --match-set banned dst -j DROP'],
  ])('%s is unknown', (_, rule) => {
    const tcp: HookPacket = { ...textbookPacket, protocol: 'tcp', icmp: null, sourcePort: 1, destinationPort: 2 };
    const walk = forward([rule], [], tcp);
    expect(walk.verdict).toBe('unknown');
    expect(walk.unknowns).toHaveLength(1);
  });

  it('hands a packet to user space: nobody knows what becomes of it', () => {
    const walk = forward(['FORWARD -j NFQUEUE --queue-num 5']);
    expect(walk.verdict).toBe('queue');
    expect(walk.decidedBy?.target).toBe('NFQUEUE');
  });

  it('names all ways a random DNAT may go', () => {
    const save = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':SVC - [0:0]',
      '-A PREROUTING -d 10.96.0.10/32 -j SVC',
      '-A SVC -m statistic --mode random --probability 0.5 -j DNAT --to-destination 192.168.0.7',
      '-A SVC -j DNAT --to-destination 192.168.0.8',
      'COMMIT',
      '',
    ].join('\n');
    const state = loadNetfilter(netnsState({ iptablesNft: save }));
    const walk = walkHook(
      state,
      'prerouting',
      { ...textbookPacket, oif: null, destination: '10.96.0.10' },
      textbookContext,
    );
    expect(walk.verdict).toBe('accept');
    expect([walk.packet, ...(walk.alternatives ?? [])].map((packet) => packet.destination).sort()).toEqual([
      '192.168.0.7',
      '192.168.0.8',
    ]);
    expect(walk.unknowns).toHaveLength(1);
  });

  it('ends on a ruleset that leads round and round', () => {
    const walk = forward(['FORWARD -j A', 'A -j B', 'B -j A'], ['A', 'B']);
    expect(walk.verdict).toBe('unknown');
    const doubling = Array.from({ length: 40 }, (_, level) => [
      `C${level} -j C${level + 1}`,
      `C${level} -j C${level + 1}`,
    ]).flat();
    const wide = forward(
      ['FORWARD -j C0', ...doubling],
      Array.from({ length: 41 }, (_, level) => `C${level}`),
    );
    expect(wide.verdict).toBe('unknown');
  });
});
