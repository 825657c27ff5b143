import { describe, expect, it } from 'vitest';
import { aroundIp, asksIp } from '../../../src/routing/br-netfilter.js';
import { type Passage, passFrames } from '../../../src/routing/frame-hooks.js';
import { across, inByPort, outByPort } from '../../../src/routing/frame-passages.js';
import { netnsState, textbookPacket } from '../netfilter/helpers/state.js';

const nft = (...items: readonly object[]): string =>
  JSON.stringify({ nftables: [{ metainfo: { version: '1' } }, ...items] });

const chain = (family: string, name: string, hook: string, prio: number, device?: string) => ({
  chain: {
    family,
    table: 't',
    name,
    handle: 1,
    type: 'filter',
    hook,
    prio,
    policy: 'accept',
    ...(device ? { dev: device } : {}),
  },
});

const rule = (family: string, name: string, ...expr: readonly object[]) => ({
  rule: { family, table: 't', chain: name, handle: 2, expr },
});

const sets = (mark: number) => ({ mangle: { key: { meta: { key: 'mark' } }, value: mark } });
const has = (mark: number) => ({ match: { op: '==', left: { meta: { key: 'mark' } }, right: mark } });
const table = (family: string) => ({ table: { family, name: 't', handle: 1 } });

const marking = netnsState({
  nftables: nft(table('netdev'), chain('netdev', 'in', 'ingress', 0, 'p1'), rule('netdev', 'in', sets(7))),
});
const dropping = netnsState({
  nftables: nft(
    table('bridge'),
    chain('bridge', 'early', 'prerouting', -300),
    rule('bridge', 'early', has(7), { drop: null }),
    chain('bridge', 'late', 'prerouting', 10),
    rule('bridge', 'late', has(9), { drop: null }),
  ),
});

const NO_MACS = { source: null, destination: null };
const ingress: Passage = { netns: 'a', link: '', stage: 'tc', layer: 'netdev', hook: 'ingress', iif: 'p1', oif: null };
const bridge: Passage = {
  netns: 'b',
  link: '',
  stage: 'bridge-forward',
  layer: 'bridge',
  hook: 'prerouting',
  iif: 'p1',
  oif: null,
};

const pass = (passages: readonly Passage[], to: string, mark = 0) =>
  passFrames(
    { states: { a: marking, b: dropping } },
    { way: 'forward', to },
    passages,
    { ...textbookPacket, mark },
    NO_MACS,
  );

describe('marks of frames', () => {
  it('are seen by the hooks that follow in the namespace, and stay behind in the next', () => {
    const both = { ...marking, nftables: dropping.nftables };
    const states = { a: marking, b: both };
    const within = passFrames({ states }, { way: 'forward', to: 'a' }, [ingress], textbookPacket, NO_MACS);
    expect(within.packet.mark).toBe(7);
    expect(pass([ingress], 'b').packet.mark).toBe(0);
    expect(pass([ingress, bridge], 'b').steps.map(({ outcome }) => outcome)).toEqual(['pass', 'pass']);
    expect(pass([bridge], 'b', 7).steps.map(({ outcome }) => outcome)).toEqual(['drop']);
  });

  it('that the rules of IP give within a bridge are seen by what runs after br_netfilter alone', () => {
    const [before = [], after = []] = aroundIp([bridge]);
    expect([pass(before, 'b', 9), pass(after, 'b', 9)].map(({ steps }) => steps.map(({ outcome }) => outcome))).toEqual(
      [['pass'], ['drop']],
    );
    expect([pass(before, 'b', 7), pass(after, 'b', 7)].map(({ steps }) => steps.map(({ outcome }) => outcome))).toEqual(
      [['drop'], ['pass']],
    );
  });
});

describe('the way across a bridge', () => {
  const port = { netns: 'host', link: 'h2-h3', bridge: 'br0', port: 'p1' };
  const words = (parts: readonly (readonly Passage[])[]) =>
    parts.map((part) => part.map(({ layer, hook, part: half }) => [layer, hook, half].filter(Boolean).join(' ')));

  it('up to the IP stack has PREROUTING of IP in the middle', () => {
    expect(words(aroundIp(inByPort(port, 'h3-h4')))).toEqual([
      ['netdev ingress', 'bridge prerouting before'],
      ['bridge prerouting after', 'bridge input', 'netdev ingress'],
    ]);
  });

  it('from port to port has three hooks of IP in between, and down from the stack none', () => {
    expect(words(aroundIp(across(port, { ...port, port: 'p2' })))).toEqual([
      ['netdev ingress', 'bridge prerouting before'],
      ['bridge prerouting after', 'bridge forward before'],
      ['bridge forward after', 'bridge postrouting before'],
      ['bridge postrouting after', 'netdev egress'],
    ]);
    expect(words([outByPort(port, 'h3-h4')])).toEqual([
      ['netdev egress', 'bridge output', 'bridge postrouting', 'netdev egress'],
    ]);
  });

  it.each([
    { all: '1', own: 0, asks: true },
    { all: '0', own: 0, asks: false },
    { all: '0', own: 1, asks: true },
    { all: undefined, own: 1, asks: false },
  ])(
    'asks the rules of IP with the switch $all of the namespace and $own of the bridge: $asks',
    ({ all, own, asks }) => {
      const state = netnsState({});
      const link = { ifname: 'br0', data: { nf_call_iptables: own, nf_call_ip6tables: 0 } };
      const read = <T>(value: T) => ({ ok: true, value, command: ['fixture'], ms: 0 }) as const;
      const sysctls = all === undefined ? {} : { 'net.bridge.bridge-nf-call-iptables': all };
      const host = { ...state, links: read([link]), sysctls: read(sysctls) } as unknown as typeof state;
      expect(asksIp(host, 4, 'br0')).toBe(asks);
    },
  );
});
