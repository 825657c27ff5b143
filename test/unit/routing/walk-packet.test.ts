import { describe, expect, it } from 'vitest';
import { stateFromDumps } from '../../../src/engine/dumps.js';
import type { NetnsState } from '../../../src/model/state.js';
import type { HookPacket } from '../../../src/netfilter/types.js';
import { walkExchange } from '../../../src/routing/walk-exchange.js';
import { textbookPacket } from '../netfilter/helpers/state.js';

const ROUTES = JSON.stringify([
  { dst: 'default', gateway: '198.51.100.1', dev: 'eth0' },
  { dst: 'default', gateway: '203.0.113.1', dev: 'wg0', table: '100' },
  { dst: '192.168.0.0/24', dev: 'br0', scope: 'link', prefsrc: '192.168.0.1' },
  { dst: '198.51.100.0/24', dev: 'eth0', scope: 'link', prefsrc: '198.51.100.10' },
]);
const RULES = JSON.stringify([
  { priority: 0, src: 'all', table: 'local' },
  { priority: 10, src: 'all', fwmark: '0x1', table: '100' },
  { priority: 32766, src: 'all', table: 'main' },
]);
const ADDRESSES = JSON.stringify([
  { ifindex: 1, ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host' }] },
  { ifindex: 2, ifname: 'br0', addr_info: [{ family: 'inet', local: '192.168.0.1', prefixlen: 24, scope: 'global' }] },
  {
    ifindex: 3,
    ifname: 'eth0',
    addr_info: [{ family: 'inet', local: '198.51.100.10', prefixlen: 24, scope: 'global' }],
  },
  { ifindex: 4, ifname: 'wg0', addr_info: [{ family: 'inet', local: '203.0.113.2', prefixlen: 24, scope: 'global' }] },
]);

const table = (name: string, lines: readonly string[]): string => {
  const chains =
    {
      raw: 'PREROUTING OUTPUT',
      mangle: 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING',
      nat: 'PREROUTING INPUT OUTPUT POSTROUTING',
      filter: 'INPUT FORWARD OUTPUT',
    }[name] ?? '';
  return [`*${name}`, ...chains.split(' ').map((chain) => `:${chain} ACCEPT [0:0]`), ...lines, 'COMMIT', ''].join('\n');
};

const host = (tables: Readonly<Record<string, readonly string[]>>, more: Partial<NetnsState> = {}): NetnsState => ({
  ...stateFromDumps(
    {
      routes: ROUTES,
      rules: RULES,
      addresses: ADDRESSES,
      iptablesLegacy: Object.entries(tables)
        .map(([name, lines]) => table(name, lines))
        .join(''),
    },
    4,
    null,
  ).state,
  ...more,
});

const fromContainer: HookPacket = { ...textbookPacket, iif: 'br0', oif: null, ttl: 64 };
const fromHost: HookPacket = { ...fromContainer, iif: null, source: '0.0.0.0' };

const MASQUERADE = '-A POSTROUTING -s 192.168.0.0/24 -o eth0 -j MASQUERADE';

const dropsOf = (state: NetnsState, packet: HookPacket): readonly string[] =>
  walkExchange(state, packet).steps.flatMap(({ detail, way, outcome }) => {
    if (outcome === 'pass') return [];
    return [`${way} ${detail.kind === 'hook' ? detail.walk.decidedBy?.text : detail.kind}`];
  });

describe('the answer to a masqueraded packet', () => {
  it('meets the container as its destination from the priority of dstnat on', () => {
    const state = host({
      raw: ['-A PREROUTING -d 192.168.0.2/32 -i eth0 -j DROP'],
      nat: [MASQUERADE],
    });
    expect(dropsOf(state, fromContainer)).toEqual([]);
    const early = host({ mangle: ['-A PREROUTING -d 192.168.0.2/32 -i eth0 -j DROP'], nat: [MASQUERADE] });
    expect(dropsOf(early, fromContainer)).toEqual([]);
    const translated = host({ mangle: ['-A PREROUTING -d 198.51.100.10/32 -i eth0 -j DROP'], nat: [MASQUERADE] });
    expect(dropsOf(translated, fromContainer)).toEqual(['return -A PREROUTING -d 198.51.100.10/32 -i eth0 -j DROP']);
    const later = host({ filter: ['-A FORWARD -d 192.168.0.2/32 -i eth0 -j DROP'], nat: [MASQUERADE] });
    expect(dropsOf(later, fromContainer)).toEqual(['return -A FORWARD -d 192.168.0.2/32 -i eth0 -j DROP']);
  });

  it('is not translated back where a rule takes it out of conntrack', () => {
    const state = host({ raw: ['-A PREROUTING -i eth0 -j NOTRACK'], nat: [MASQUERADE] });
    const { reply } = walkExchange(state, fromContainer);
    expect(reply.end).toBe('delivered');
    expect(reply.packet).toMatchObject({ destination: '198.51.100.10', connection: 'untracked' });
  });

  it('is invalid where the request itself was not tracked', () => {
    const state = host({
      raw: ['-A PREROUTING -i br0 -j NOTRACK'],
      filter: ['-A FORWARD -m conntrack --ctstate INVALID -j DROP'],
      nat: [MASQUERADE],
    });
    expect(walkExchange(state, fromContainer).request.packet.source).toBe('192.168.0.2');
    expect(dropsOf(state, fromContainer)).toEqual(['return -A FORWARD -m conntrack --ctstate INVALID -j DROP']);
  });

  it('has the mark of its connection', () => {
    const state = host({
      mangle: [
        '-A FORWARD -i br0 -j CONNMARK --set-xmark 0x7/0xffffffff',
        '-A FORWARD -i eth0 -m connmark --mark 0x7 -j DROP',
      ],
      nat: [MASQUERADE],
    });
    expect(dropsOf(state, fromContainer)).toEqual(['return -A FORWARD -i eth0 -m connmark --mark 0x7 -j DROP']);
  });
});

describe('the route of a packet', () => {
  it('takes a mark of PREROUTING into the policy rules', () => {
    const state = host({ mangle: ['-A PREROUTING -i br0 -j MARK --set-xmark 0x1/0xffffffff'] });
    expect(walkExchange(state, fromContainer).request.packet.oif).toBe('wg0');
  });

  it('is looked up again after a mark in the mangle table of OUTPUT, not after one elsewhere', () => {
    const mark = ['-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff'];
    const routed = walkExchange(host({ mangle: mark }), fromHost).request;
    expect(routed.packet).toMatchObject({ oif: 'wg0', source: '198.51.100.10' });
    expect(routed.steps.filter(({ detail }) => detail.kind === 'route')).toHaveLength(2);
    const filter = host({ filter: ['-A OUTPUT -o eth0 -j DROP'], mangle: mark });
    expect(dropsOf(filter, fromHost)).toEqual(['forward -A OUTPUT -o eth0 -j DROP']);
    expect(walkExchange(host({ raw: mark }), fromHost).request.packet.oif).toBe('eth0');
  });

  it('is looked up again for the new destination of a DNAT in OUTPUT', () => {
    const state = host({ nat: ['-A OUTPUT -d 203.0.113.5/32 -j DNAT --to-destination 192.168.0.9'] });
    expect(walkExchange(state, fromHost).request.packet).toMatchObject({ oif: 'br0', destination: '192.168.0.9' });
  });

  it('leads to the host itself over lo, through PREROUTING and INPUT, and asks NAT once', () => {
    const state = host({
      nat: ['-A PREROUTING -i lo -j DNAT --to-destination 192.168.0.9', '-A OUTPUT -p icmp -j ACCEPT'],
      filter: ['-A INPUT -i lo -d 198.51.100.10/32 -j DROP'],
    });
    const toSelf = { ...fromHost, destination: '198.51.100.10' };
    expect(dropsOf(state, toSelf)).toContain('forward -A INPUT -i lo -d 198.51.100.10/32 -j DROP');
  });

  it('does not exist for martian addresses', () => {
    expect(dropsOf(host({}), { ...fromContainer, source: '224.0.0.1' })).toContain('forward address');
    expect(dropsOf(host({}), { ...fromContainer, destination: '127.0.0.1' })).toContain('forward address');
  });

  it('ends where the TTL does', () => {
    expect(dropsOf(host({}), { ...fromContainer, ttl: 1 })).toEqual(['forward ttl']);
  });

  it('leaves FORWARD with the TTL lowered', () => {
    const state = host({ filter: ['-A FORWARD -i br0 -m ttl --ttl-eq 63 -j DROP'] });
    expect(dropsOf(state, fromContainer)).toEqual(['forward -A FORWARD -i br0 -m ttl --ttl-eq 63 -j DROP']);
  });
});

describe('rpfilter rules', () => {
  it('look the route up whatever the sysctls say', () => {
    const state = host({ raw: ['-A PREROUTING -m rpfilter --invert -j DROP'] });
    expect(dropsOf(state, fromContainer)).toEqual([]);
    expect(dropsOf(state, { ...fromContainer, source: '203.0.113.9' })).toContain(
      'forward -A PREROUTING -m rpfilter --invert -j DROP',
    );
  });
});

describe('what a rule sees of the connection and of marks', () => {
  const drop = (match: string) => `-A FORWARD -i br0 ${match} -j DROP`;

  it('a translated packet has the status of its translation in later hooks', () => {
    const nat = ['-A PREROUTING -d 203.0.113.5/32 -j DNAT --to-destination 203.0.113.9', MASQUERADE];
    const state = host({ nat, filter: [drop('-m conntrack --ctstate DNAT')] });
    expect(dropsOf(state, fromContainer)).toEqual([`forward ${drop('-m conntrack --ctstate DNAT')}`]);
    expect(dropsOf(host({ nat, filter: [drop('-m conntrack --ctstate SNAT')] }), fromContainer)).toEqual([]);
  });

  it('a masked mark leaves the other bits', () => {
    const marks = ['-A PREROUTING -j MARK --set-xmark 0x4/0xffffffff', '-A PREROUTING -j MARK --set-xmark 0x2/0x2'];
    const state = host({ mangle: marks, filter: [drop('-m mark --mark 0x6')] });
    expect(dropsOf(state, fromContainer)).toEqual([`forward ${drop('-m mark --mark 0x6')}`]);
  });

  it.each([
    ['1024:', 8080, true],
    ['1024:', 80, false],
    [':1024', 0, true],
    [':1024', 8080, false],
  ])('an open range of ports (%s) ends where ports end', (range, port, matches) => {
    const rule = `-A FORWARD -i br0 -p tcp -m tcp --dport ${range} -j DROP`;
    const tcp: HookPacket = {
      ...fromContainer,
      protocol: 'tcp',
      icmp: null,
      sourcePort: 40_000,
      destinationPort: port,
      tcpFlags: ['SYN'],
    };
    expect(dropsOf(host({ filter: [rule] }), tcp)).toEqual(matches ? [`forward ${rule}`] : []);
  });

  it.each([
    [['SYN'], 'new'],
    [['SYN', 'ACK'], 'invalid'],
    [['ACK'], 'new'],
    [['RST'], 'invalid'],
    [['FIN', 'PSH', 'URG'], 'invalid'],
  ])('TCP %j without a connection is %s', (tcpFlags, expected) => {
    const tcp: HookPacket = {
      ...fromContainer,
      protocol: 'tcp',
      icmp: null,
      sourcePort: 40_000,
      destinationPort: 80,
      tcpFlags,
    };
    expect(walkExchange(host({}), tcp).request.entered.connection).toBe(expected);
  });
});
