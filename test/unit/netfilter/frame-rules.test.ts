import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { AnyHook, Frame, HookPacket, Layer } from '../../../src/netfilter/types.js';
import { walkFrameHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, notRead, textbookContext, textbookPacket } from './helpers/state.js';

const MAC = '02:00:00:00:00:02';
const GATEWAY_MAC = '02:00:00:00:00:01';

const frame: Frame = { macDestination: GATEWAY_MAC, bridgeIn: 'br0', bridgeOut: null, arp: null };
const ip: HookPacket = { ...textbookPacket, iif: 'veth1_p', oif: null, macSource: MAC, frame };
const tcp: HookPacket = {
  ...ip,
  protocol: 'tcp',
  icmp: null,
  sourcePort: 40000,
  destinationPort: 443,
  tcpFlags: ['SYN'],
};
const six: HookPacket = {
  ...ip,
  family: 6,
  source: '2001:db8::2',
  destination: '2001:db8:5::5',
  icmp: { type: 135, code: 0 },
};
const arp: HookPacket = {
  ...ip,
  frame: {
    ...frame,
    macDestination: 'ff:ff:ff:ff:ff:ff',
    arp: {
      operation: 'request',
      senderMac: MAC,
      senderAddress: '192.168.0.2',
      targetMac: '00:00:00:00:00:00',
      targetAddress: '192.168.0.1',
    },
  },
};

const verdictOf = (state: ReturnType<typeof netnsState>, layer: Layer, hook: AnyHook, packet: HookPacket): string => {
  const walk = walkFrameHook(loadNetfilter(state), layer, hook, packet, textbookContext);
  return walk === null ? 'none' : walk.verdict === 'drop' ? 'yes' : walk.verdict === 'accept' ? 'no' : walk.verdict;
};

const ebtables = (rule: string, packet: HookPacket, hook: AnyHook = 'forward'): string => {
  const chain = hook.toUpperCase();
  return verdictOf(
    { ...netnsState({}), ebtablesLegacy: dump(`*filter\n:${chain} ACCEPT\n-A ${chain} ${rule}\n`) },
    'bridge',
    hook,
    packet,
  );
};

const dump = (value: string) => ({ ok: true, value, command: ['fixture'], ms: 0 }) as const;

describe('matches of ebtables', () => {
  it.each([
    ['-p IPv4', ip, 'yes'],
    ['-p 0800', ip, 'yes'],
    ['-p IPv4', arp, 'no'],
    ['-p ARP', arp, 'yes'],
    ['-p ! ARP', ip, 'yes'],
    ['-p IPv6', six, 'yes'],
    ['-p LENGTH', ip, 'no'],
    ['-p 802_1Q --vlan-id 5', ip, 'no'],
    ['-i veth+', ip, 'yes'],
    ['-i ! veth1_p', ip, 'no'],
    ['-o veth2_p', ip, 'no'],
    ['--logical-in br0', ip, 'yes'],
    ['--logical-in br+', ip, 'yes'],
    ['--logical-out br0', ip, 'no'],
    [`-s ${MAC}`, ip, 'yes'],
    ['-s 2:0:0:0:0:2', ip, 'yes'],
    ['-s ! 02:00:00:00:00:00/ff:ff:ff:ff:ff:00', ip, 'no'],
    ['-s nonsense', ip, 'unknown'],
    ['-s 02:00:00:00:00:02', { ...ip, macSource: null }, 'unknown'],
    ['-d Broadcast', arp, 'yes'],
    ['-d Multicast', arp, 'yes'],
    ['-d Unicast', ip, 'yes'],
    ['-d BGA', ip, 'no'],
    ['-p IPv4 --ip-src 192.168.0.0/24', ip, 'yes'],
    ['-p IPv4 --ip-source ! 192.168.0.2', ip, 'no'],
    ['-p IPv4 --ip-dst 203.0.113.5', ip, 'yes'],
    ['-p IPv4 --ip-src 192.168.0.2', arp, 'no'],
    ['-p IPv4 --ip-proto icmp', ip, 'yes'],
    ['-p IPv4 --ip-proto tcp --ip-dport 400:500', tcp, 'yes'],
    ['-p IPv4 --ip-proto tcp --ip-sport 1:1000', tcp, 'no'],
    ['-p IPv4 --ip-proto icmp --ip-icmp-type echo-request', ip, 'yes'],
    ['-p IPv4 --ip-proto icmp --ip-icmp-type 0:3', ip, 'no'],
    ['-p IPv6 --ip6-src 2001:db8::/32', six, 'yes'],
    ['-p IPv6 --ip6-proto ipv6-icmp --ip6-icmp-type neighbour-solicitation', six, 'yes'],
    ['-p ARP --arp-op Request', arp, 'yes'],
    ['-p ARP --arp-op 2', arp, 'no'],
    ['-p ARP --arp-op ! Reply', arp, 'yes'],
    ['-p ARP --arp-htype 1 --arp-ptype 0x0800', arp, 'yes'],
    ['-p ARP --arp-ip-src 192.168.0.0/24 --arp-ip-dst 192.168.0.1', arp, 'yes'],
    ['-p ARP --arp-ip-dst 192.168.0.9', arp, 'no'],
    [`-p ARP --arp-mac-src ! ${MAC}`, arp, 'no'],
    ['-p ARP --arp-mac-dst 00:00:00:00:00:00', arp, 'yes'],
    ['-p ARP --arp-gratuitous', arp, 'no'],
    [`--among-src ${MAC}=192.168.0.2`, ip, 'yes'],
    [`--among-src ${MAC}=192.168.0.3,2:0:0:0:0:9`, ip, 'no'],
    [`--among-src ${MAC}=192.168.0.2`, arp, 'yes'],
    ['--among-dst ! 2:0:0:0:0:9', ip, 'yes'],
    ['--mark 0x1/0xff', ip, 'no'],
    ['--mark 0x0', ip, 'yes'],
    ['--pkttype-type broadcast', arp, 'yes'],
    ['--pkttype-type otherhost', ip, 'unknown'],
    ['--pkttype-type multicast', ip, 'no'],
    ['--limit 3/sec --limit-burst 5', ip, 'unknown'],
    ['-d BGA --stp-type config', ip, 'no'],
    ['--log-level notice --log-prefix "a b" --log-ip', ip, 'yes'],
    ['--new-match 1', ip, 'unknown'],
  ])('%s', (rule, packet, expected) => {
    expect(ebtables(`${rule} -j DROP`, packet)).toBe(expected);
  });
});

describe('targets of ebtables', () => {
  it.each([
    ['-j CONTINUE', 'no'],
    ['-j RETURN', 'no'],
    ['-j mark --mark-set 0x5 --mark-target DROP', 'yes'],
    ['-j dnat --to-dst 02:00:00:00:00:09 --dnat-target ACCEPT', 'no'],
    ['-j redirect --redirect-target DROP', 'yes'],
    ['-j arpreply --arpreply-mac 02:00:00:00:00:07', 'no'],
    ['-j nonsense', 'unknown'],
    ['', 'no'],
  ])('%s', (rule, expected) => {
    expect(ebtables(rule, ip)).toBe(expected);
  });

  it('a mark is seen by the rules after it', () => {
    const save =
      '*filter\n:INPUT ACCEPT\n-A INPUT -j mark --mark-or 0x4 --mark-target CONTINUE\n-A INPUT --mark 0x4/0x4 -j DROP\n';
    expect(verdictOf({ ...netnsState({}), ebtablesLegacy: dump(save) }, 'bridge', 'input', ip)).toBe('yes');
  });

  it('an answer of the bridge itself takes the request out of the way, perhaps', () => {
    expect(ebtables('-p ARP --arp-op Request -j arpreply --arpreply-mac 02:00:00:00:00:07', arp)).toBe('unknown');
  });

  it('what broute drops is routed: where it goes then is not known', () => {
    const save = '*broute\n:BROUTING ACCEPT\n-A BROUTING -p IPv4 -j DROP\n';
    const state = loadNetfilter({ ...netnsState({}), ebtablesLegacy: dump(save) });
    const walk = walkFrameHook(state, 'bridge', 'prerouting', ip, textbookContext);
    expect(walk?.drops).toEqual([]);
    expect(walk?.unknowns[0]?.because).toContain('broute');
  });
});

describe('chains of ebtables', () => {
  const legacy = {
    ...netnsState({}),
    ebtablesLegacy: dump(
      readFileSync(new URL('../../../fixtures/rulesets/frames/ebtables-legacy.save', import.meta.url), 'utf8'),
    ),
  };

  it.each([
    [
      'the right MAC address passes the filter of libvirt',
      { ...ip, iif: 'vnet0', macSource: '52:54:00:11:22:33' },
      'prerouting',
      'no',
    ],
    ['another does not', { ...ip, iif: 'vnet0' }, 'prerouting', 'yes'],
    ['nor does its ARP', { ...arp, iif: 'vnet0' }, 'prerouting', 'yes'],
    ['another port is not asked', ip, 'prerouting', 'no'],
    ['the policy of FORWARD drops the rest', six, 'forward', 'yes'],
  ] as const)('%s', (_, packet, hook, expected) => {
    expect(verdictOf(legacy, 'bridge', hook, packet)).toBe(expected);
  });

  it('a user chain ends in its own policy', () => {
    const save = '*filter\n:INPUT ACCEPT\n:mine DROP\n-A INPUT -j mine\n-A mine -p ARP -j RETURN\n';
    const state = { ...netnsState({}), ebtablesLegacy: dump(save) };
    expect(verdictOf(state, 'bridge', 'input', ip)).toBe('yes');
    expect(verdictOf(state, 'bridge', 'input', arp)).toBe('no');
  });

  it('rules that were not read leave the answer open', () => {
    const state = { ...netnsState({}), ebtablesLegacy: notRead('ebtables-legacy-save is not installed') };
    expect(verdictOf(state, 'bridge', 'input', ip)).toBe('unknown');
    expect(verdictOf(netnsState({}), 'bridge', 'input', ip)).toBe('none');
  });

  it('rules that cannot be parsed leave it open as well', () => {
    const state = { ...netnsState({}), ebtablesLegacy: dump('nonsense\n') };
    expect(verdictOf(state, 'bridge', 'input', ip)).toBe('unknown');
  });
});

describe('ebtables of the nft back-end', () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`../../../fixtures/rulesets/frames/${name}`, import.meta.url), 'utf8');
  const state = {
    ...netnsState({ nftables: fixture('ebtables-nft.json') }),
    ebtablesNft: dump(fixture('ebtables-nft.save')),
  };

  it('counts no rule twice, and takes options that nft does not show from ebtables-save', () => {
    const netfilter = loadNetfilter(state);
    const forward = [...netfilter.chains.values()].filter(({ ref }) => ref.chain === 'FORWARD');
    expect(forward).toHaveLength(1);
    expect(forward[0]?.ref.backend).toBe('nft');
    const walk = walkFrameHook(
      netfilter,
      'bridge',
      'forward',
      { ...tcp, source: '10.1.1.1', oif: 'eth5', destinationPort: 85 },
      textbookContext,
    );
    expect(walk?.met.at(-1)?.text).toContain('--ip-dport 80:90 -j ACCEPT');
  });

  it('the policy of a user chain is a rule of nft', () => {
    expect(verdictOf(state, 'bridge', 'input', six)).toBe('yes');
  });
});

describe('arptables', () => {
  const walk = (rule: string, packet: HookPacket, hook: 'input' | 'output' = 'input'): string => {
    const chain = hook.toUpperCase();
    const save = `*filter\n:${chain} ACCEPT\n-A ${chain} ${rule}\n`;
    return verdictOf({ ...netnsState({}), arptablesLegacy: dump(save) }, 'arp', hook, packet);
  };
  const own: HookPacket = { ...arp, iif: 'br0' };

  it.each([
    ['-j DROP -i br0 -s 192.168.0.2 -d 192.168.0.0/24 --opcode 1', 'yes'],
    ['-j DROP --opcode Reply', 'no'],
    ['-j DROP ! -s 192.168.0.2', 'no'],
    [`-j DROP --src-mac ${MAC}`, 'yes'],
    ['-j DROP --dst-mac ff:ff:ff:ff:ff:ff', 'no'],
    ['-j DROP -o eth+', 'no'],
    ['-j DROP --h-length 6 --h-type 1 --proto-type 0x800', 'yes'],
    ['-j ACCEPT', 'no'],
    ['-j RETURN', 'no'],
    ['-j CLASSIFY --set-class 1:1', 'no'],
    ['-j MARK --set-mark 1', 'no'],
    ['-j mangle --mangle-ip-s 10.0.0.9 --mangle-target DROP', 'yes'],
    ['-j nonsense', 'unknown'],
    ['-j DROP --new 1', 'unknown'],
  ])('%s', (rule, expected) => {
    expect(walk(rule, own)).toBe(expected);
  });
});

describe('nft on frames', () => {
  const nft = (
    chain: Record<string, unknown>,
    expr: readonly unknown[],
    packet: HookPacket,
    layer: Layer = 'bridge',
  ) => {
    const family = layer === 'netdev' ? 'netdev' : layer;
    const where = { family, table: 't' };
    const json = JSON.stringify({
      nftables: [
        { table: { family, name: 't', handle: 1 } },
        { chain: { ...where, name: 'c', handle: 1, type: 'filter', prio: 0, policy: 'accept', ...chain } },
        { rule: { ...where, chain: 'c', handle: 2, expr: [...expr, { drop: null }] } },
      ],
    });
    return verdictOf(netnsState({ nftables: json }), layer, String(chain['hook']) as AnyHook, packet);
  };
  const is = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
  const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
  const meta = (key: string) => ({ meta: { key } });
  const pre = { hook: 'prerouting' };

  it.each([
    ['the source MAC', is(payload('ether', 'saddr'), GATEWAY_MAC, '!='), ip, 'yes'],
    ['a prefix of it', is(payload('ether', 'saddr'), { prefix: { addr: '02:00:00:00:00:00', len: 24 } }), ip, 'yes'],
    ['the destination MAC', is(payload('ether', 'daddr'), GATEWAY_MAC), ip, 'yes'],
    ['the type of the frame', is(payload('ether', 'type'), 'arp'), arp, 'yes'],
    ['an address of IP in ARP', is(payload('ip', 'saddr'), '192.168.0.2'), arp, 'no'],
    ['the operation of ARP', is(payload('arp', 'operation'), 'request'), arp, 'yes'],
    ['who asks', is(payload('arp', 'saddr ip'), '192.168.0.2'), arp, 'yes'],
    ['for whom', is(payload('arp', 'daddr ip'), '192.168.0.9'), arp, 'no'],
    ['ARP in an IP packet', is(payload('arp', 'operation'), 'request'), ip, 'no'],
    ['the bridge', is(meta('ibrname'), 'br0'), ip, 'yes'],
    ['the protocol', is(meta('protocol'), 'ip6'), six, 'yes'],
    ['the transport in ARP', is(meta('l4proto'), 'icmp'), arp, 'no'],
    ['broadcasts', is(meta('pkttype'), 'broadcast'), arp, 'yes'],
    [
      'raw bytes of the Ethernet header',
      is({ payload: { base: 'll', offset: 48, len: 48 } }, 0x020000000002),
      ip,
      'yes',
    ],
    ['connections on the bridge', is({ ct: { key: 'state' } }, 'established'), ip, 'unknown'],
  ])('bridge: %s', (_, match, packet, expected) => {
    expect(nft(pre, [match], packet)).toBe(expected);
  });

  it.each([
    ['the device of the chain', { hook: 'ingress', dev: 'veth1_p' }, ip, 'yes'],
    ['one of several', { hook: 'ingress', dev: ['eth0', 'veth1_p'] }, ip, 'yes'],
    ['another device', { hook: 'ingress', dev: 'eth0' }, ip, 'none'],
    ['the device that it leaves by', { hook: 'egress', dev: 'eth0' }, { ...ip, iif: null, oif: 'eth0' }, 'yes'],
    ['a dump that names no device', { hook: 'ingress' }, ip, 'unknown'],
  ])('netdev: %s', (_, chain, packet, expected) => {
    expect(nft(chain, [is(payload('ip', 'saddr'), '192.168.0.2')], packet, 'netdev')).toBe(expected);
  });

  it('arp: the input of a device', () => {
    const own = { ...arp, iif: 'br0' };
    expect(nft({ hook: 'input' }, [is(meta('iifname'), 'br0')], own, 'arp')).toBe('yes');
    expect(nft({ hook: 'output' }, [is(meta('oifname'), 'br0')], { ...arp, iif: null, oif: 'eth0' }, 'arp')).toBe('no');
  });
});
