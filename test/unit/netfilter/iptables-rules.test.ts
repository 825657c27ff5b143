import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { Hook, HookContext, HookPacket, HookWalk } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, textbookContext, textbookPacket } from './helpers/state.js';

interface Given {
  readonly hook?: Hook;
  readonly table?: string;
  readonly packet?: Partial<HookPacket>;
  readonly context?: Partial<HookContext>;
}

const CHAINS = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
};

const walk = (
  rule: string,
  { hook = 'forward', table = 'mangle', packet = {}, context = {} }: Given = {},
): HookWalk => {
  const full: HookPacket = { ...textbookPacket, ...packet };
  const chain = CHAINS[hook];
  const save = `*${table}\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`;
  const dump = full.family === 4 ? { iptablesLegacy: save } : { ip6tablesLegacy: save };
  return walkHook(loadNetfilter(netnsState(dump)), hook, full, { ...textbookContext, ...context });
};

/** `yes`, `no` or `unknown`: what a rule's matches say. */
const answer = (matches: string, given?: Given): string => {
  const { verdict } = walk(`${matches} -j DROP`, given);
  return verdict === 'drop' ? 'yes' : verdict === 'accept' ? 'no' : verdict;
};

const tcp = { protocol: 'tcp', icmp: null, sourcePort: 40000, destinationPort: 443, tcpFlags: ['SYN'] } as const;
const six = { family: 6, source: '2001:db8::2', destination: '2001:db8:5::5' } as const;

describe('matches of iptables', () => {
  it.each([
    ['-i br+', 'yes'],
    ['-m recent --set --name x --mask 255.255.255.255 --rsource', 'yes'],
    ['-m recent ! --set --name x --rsource', 'no'],
    ['-m recent --update --seconds 30 --hitcount 6 --name x --rsource', 'unknown'],
    ['-m recent --rcheck --name x --rsource', 'unknown'],
    ['-i br', 'no'],
    ['! -i br+', 'no'],
    ['-i +', 'yes'],
    ['-o eth0 -s 192.168.0.0/24', 'yes'],
    ['-d 203.0.0.5/255.0.0.255', 'yes'],
    ['! -d 203.0.113.5/32', 'no'],
    ['-p icmp -m icmp --icmp-type echo-request', 'yes'],
    ['-p icmp -m icmp ! --icmp-type 8/0', 'no'],
    ['-p icmp -m icmp --icmp-type 8/1', 'no'],
    ['-p icmp -m icmp --icmp-type any', 'yes'],
    ['-p icmp -m icmp --icmp-type nonsense', 'unknown'],
    ['-p 1', 'yes'],
    ['-p all', 'yes'],
    ['-p sctp', 'no'],
    ['-f', 'no'],
    ['! -f', 'yes'],
    ['-m ttl --ttl-lt 64', 'yes'],
    ['-m length ! --length 80:90', 'no'],
    ['-m mark --mark 0x0/0xffff', 'yes'],
    ['-m connmark ! --mark 0x1', 'yes'],
    ['-m mac --mac-source 02:00:00:00:00:01', 'unknown'],
    ['-m owner ! --uid-owner 0', 'yes'],
    ['-m owner --uid-owner 0', 'no'],
    ['-m physdev --physdev-in veth1_p', 'no'],
    ['-m physdev ! --physdev-is-bridged', 'yes'],
    ['-m rpfilter --invert', 'unknown'],
    ['-m nfacct --nfacct-name x', 'yes'],
    ['-m conntrack --ctstate NEW --ctstatus ASSURED', 'unknown'],
    ['-m conntrack --ctstate RELATED --ctstatus ASSURED', 'no'],
    ['-m conntrack --ctdir ORIGINAL', 'yes'],
    ['-m conntrack --ctdir REPLY', 'no'],
    ['-m conntrack --ctorigdst 203.0.113.5', 'yes'],
  ])('%s: %s', (matches, expected) => {
    expect(answer(matches)).toBe(expected);
  });

  it.each([
    ['-p tcp -m tcp --dport 443', 'yes'],
    ['-p tcp -m tcp --dport 444:', 'no'],
    ['-p tcp -m tcp ! --sport 1:1024', 'yes'],
    ['-p udp -m udp --dport 443', 'no'],
    ['-p tcp -m multiport --dports 80,440:443', 'yes'],
    ['-p tcp -m multiport ! --ports 22,80', 'yes'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', 'yes'],
    ['-p tcp -m tcp --tcp-flags ALL NONE', 'no'],
    ['-p tcp -m tcp ! --tcp-flags SYN,ACK ACK', 'yes'],
  ])('of a TCP SYN, %s: %s', (matches, expected) => {
    expect(answer(matches, { packet: tcp })).toBe(expected);
  });

  it('a port that the probe has not chosen yet is unknown', () => {
    expect(answer('-p tcp -m tcp --sport 1024:65535', { packet: { ...tcp, sourcePort: null } })).toBe('unknown');
  });

  it.each([
    ['-s 2001:db8::/32', 'yes'],
    ['-p ipv6-icmp -m icmp6 --icmpv6-type 128', 'yes'],
    ['-p ipv6-icmp -m icmp6 --icmpv6-type echo-request', 'yes'],
    ['-p icmp', 'no'],
    ['-m hl --hl-eq 63', 'yes'],
    ['-m rt --rt-type 0', 'no'],
  ])('of IPv6, %s: %s', (matches, expected) => {
    expect(answer(matches, { packet: { ...six, icmp: { type: 128, code: 0 } } })).toBe(expected);
  });

  it.each([
    ['-m physdev --physdev-in veth1_p', 'yes'],
    ['-m physdev --physdev-in veth+ --physdev-is-bridged', 'yes'],
    ['-m physdev --physdev-out veth1_p', 'no'],
  ])('of a bridged frame, %s: %s', (matches, expected) => {
    expect(answer(matches, { packet: { physIn: 'veth1_p', physOut: 'veth2_p' } })).toBe(expected);
  });

  it('asks the context for what lies outside the ruleset', () => {
    const context: Partial<HookContext> = {
      reversePathOk: (_, loose) => loose,
      ipsetContains: (name, packet, directions) => name === 'banned' && directions[0] === 'dst' && packet.family === 4,
    };
    expect(answer('-m rpfilter', { context })).toBe('no');
    expect(answer('-m rpfilter --loose', { context })).toBe('yes');
    expect(answer('-m rpfilter --invert', { context })).toBe('yes');
    expect(answer('-m set --match-set banned dst', { context })).toBe('yes');
    expect(answer('-m set ! --match-set banned dst', { context })).toBe('no');
    expect(answer('-m addrtype --dst-type LOCAL', { context: { addressType: () => null } })).toBe('unknown');
    expect(answer('-m pkttype --pkt-type multicast', { context: { addressType: () => 'multicast' } })).toBe('yes');
  });

  it('sees no connection before conntrack', () => {
    const raw = { hook: 'prerouting', table: 'raw' } as const;
    expect(answer('-m conntrack --ctstate NEW', raw)).toBe('no');
    expect(answer('-m conntrack --ctstate INVALID', raw)).toBe('yes');
    expect(answer('-m connmark --mark 0x0', raw)).toBe('no');
    expect(answer('-m conntrack --ctstate NEW', { ...raw, table: 'mangle' })).toBe('yes');
  });

  it('knows the owner of a forwarded packet to be nobody, of a local one to be unknown', () => {
    expect(answer('-m owner --uid-owner 0', { hook: 'output', packet: { iif: null } })).toBe('unknown');
    expect(answer('-m owner --uid-owner 0', { hook: 'postrouting' })).toBe('no');
  });
});

describe('targets of iptables that rewrite', () => {
  const nat = (rule: string, hook: Hook, packet: Partial<HookPacket> = tcp): HookWalk =>
    walk(rule, { hook, table: 'nat', packet });

  it.each([
    ['-j DNAT --to-destination 192.168.0.2:80', '192.168.0.2', 80],
    ['-j DNAT --to-destination :8443', '203.0.113.5', 8443],
    ['-j DNAT --to-destination 192.168.0.2', '192.168.0.2', 443],
    ['-j NETMAP --to 192.0.2.0/24', '192.0.2.5', 443],
  ])('%s gives %s port %s', (rule, destination, destinationPort) => {
    const { packet, translations } = nat(`-p tcp ${rule}`, 'prerouting', { ...tcp, oif: null });
    expect(packet).toMatchObject({ destination, destinationPort, connectionStatus: ['dnat'] });
    expect(packet.original).toMatchObject({ destination: '203.0.113.5', destinationPort: 443 });
    expect(translations).toHaveLength(1);
  });

  it('DNAT of IPv6 takes brackets', () => {
    const { packet } = nat('-p tcp -j DNAT --to-destination [2001:db8::7]:80', 'prerouting', {
      ...tcp,
      ...six,
      oif: null,
    });
    expect(packet).toMatchObject({ destination: '2001:db8::7', destinationPort: 80 });
    expect(nat('-j DNAT --to-destination 2001:db8::9', 'prerouting', { ...six, oif: null }).packet.destination).toBe(
      '2001:db8::9',
    );
  });

  it('a range of addresses leaves open which one', () => {
    const { packet, alternatives, unknowns } = nat('-j SNAT --to-source 198.51.100.20-198.51.100.29', 'postrouting');
    expect([packet, ...(alternatives ?? [])].map(({ source }) => source)).toEqual(['198.51.100.20', '198.51.100.29']);
    expect(unknowns).toHaveLength(1);
  });

  it('MASQUERADE on a device whose address is not known', () => {
    const { packet, translations } = nat('-j MASQUERADE', 'postrouting', { ...tcp, oif: 'eth7' });
    expect(translations).toMatchObject([{ address: null, masquerade: true }]);
    expect(packet.connectionStatus).toEqual(['snat']);
  });

  it('REDIRECT leads to the device it came in by, or to loopback', () => {
    expect(
      nat('-p tcp -j REDIRECT --to-ports 3128', 'prerouting', { ...tcp, iif: 'eth0', oif: null }).packet,
    ).toMatchObject({
      destination: '198.51.100.10',
      destinationPort: 3128,
    });
    expect(nat('-p tcp -j REDIRECT', 'output', { ...tcp, iif: null }).packet.destination).toBe('127.0.0.1');
  });

  it('SNAT to the address it has already changes nothing but ends the search', () => {
    const save =
      '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j SNAT --to-source 192.168.0.2\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n';
    const result = walkHook(
      loadNetfilter(netnsState({ iptablesLegacy: save })),
      'postrouting',
      textbookPacket,
      textbookContext,
    );
    expect(result.packet).toEqual(textbookPacket);
    expect(result.translations).toHaveLength(1);
  });

  it.each([
    ['-j MARK --set-xmark 0x1/0xffffffff', 0x0, 0x1],
    ['-j MARK --set-xmark 0x4000/0x4000', 0x8001, 0xc001],
    ['-j MARK --set-xmark 0x0/0x4000', 0xc001, 0x8001],
    ['-j MARK --set-mark 0x7', 0x8, 0x7],
    ['-j MARK --set-xmark 0x80000000/0xffffffff', 0x0, 0x80000000],
  ])('%s turns %i into %i', (rule, before, after) => {
    expect(walk(rule, { packet: { mark: before } }).packet.mark).toBe(after);
  });

  it('CONNMARK saves and restores', () => {
    const save =
      '*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j MARK --set-xmark 0x5/0xffffffff\n-A FORWARD -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff\n-A FORWARD -j MARK --set-xmark 0x0/0xffffffff\n-A FORWARD -j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1\nCOMMIT\n';
    const { packet } = walkHook(
      loadNetfilter(netnsState({ iptablesLegacy: save })),
      'forward',
      textbookPacket,
      textbookContext,
    );
    expect(packet).toMatchObject({ mark: 1, connectionMark: 5 });
  });
});
