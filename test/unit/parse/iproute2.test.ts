import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBridgeFdb } from '../../../src/parse/bridge-fdb.js';
import { parseBridgeLink } from '../../../src/parse/bridge-link.js';
import { parseIpAddress } from '../../../src/parse/ip-address.js';
import { parseIpLink } from '../../../src/parse/ip-link.js';
import { parseIpNeigh } from '../../../src/parse/ip-neigh.js';
import { parseIpNetns } from '../../../src/parse/ip-netns.js';
import { parseIpRoute } from '../../../src/parse/ip-route.js';
import { parseIpRule } from '../../../src/parse/ip-rule.js';
import { parseLsns } from '../../../src/parse/lsns.js';
import { ParseError } from '../../../src/parse/parse-error.js';
import { parseTcFilter, parseTcQdisc } from '../../../src/parse/tc.js';
import { fixture } from '../../helpers/fixture.js';

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  'ip-link': parseIpLink,
  'ip-addr': parseIpAddress,
  'ip-route': parseIpRoute,
  'ip-rule': (text) => parseIpRule(text, 4),
  'ip-neigh': parseIpNeigh,
  'bridge-link': parseBridgeLink,
  'bridge-fdb': parseBridgeFdb,
  'tc-qdisc': parseTcQdisc,
  'tc-filter': (text) => parseTcFilter(text, 'eth0', 'egress'),
  'ip-netns': parseIpNetns,
  lsns: parseLsns,
};

describe.each(Object.entries(PARSERS))('%s', (name, parse) => {
  it('takes no output as an empty list', () => {
    expect(parse('')).toEqual([]);
    expect(parse('\n')).toEqual([]);
  });

  it.each(['garbage', '[{', '[1]', '[{"ifindex":"x"}]', '"text"', '\u0000\u001b['])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(ParseError);
  });

  it('refuses its output when it is cut off, or reads it whole', () => {
    const whole = fixture(`commands/${name}.json`);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.trimEnd().length - 1 }), (length) => {
        expect(() => parse(whole.slice(0, length))).toThrow(ParseError);
      }),
      { numRuns: 30 },
    );
  });
});

describe('ip link', () => {
  const links = parseIpLink(fixture('commands/ip-link.json'));
  const named = (name: string) => links.find((link) => link.ifname === name);

  it('keeps the veth peer’s index and namespace, the bridge and the port’s options', () => {
    expect(named('veth1_p')).toMatchObject({
      kind: 'veth',
      peerIndex: 2,
      linkNetnsid: 1,
      master: 'br0',
      masterKind: 'bridge',
      lower: null,
      slaveData: { state: 'forwarding', isolated: false },
    });
    expect(named('br0')).toMatchObject({ kind: 'bridge', data: { nf_call_iptables: 0 }, peerIndex: null });
    expect(named('lo')).toMatchObject({ kind: null, flags: ['LOOPBACK', 'UP', 'LOWER_UP'], xdp: null });
  });

  it('names the lower device of a vxlan and finds its index', () => {
    expect(named('vx0')).toMatchObject({ kind: 'vxlan', lower: 'eth0', peerIndex: 2, linkNetnsid: null });
  });

  it('reads interface names with control characters, which iproute2 prints raw', () => {
    const [link] = parseIpLink('[{"ifindex":7,"ifname":"a\u001b\\"b","flags":[],"mtu":1500}]');
    expect(link?.ifname).toBe('a\u001b"b');
    expect(parseIpLink('[{"ifindex":7,"ifname":"__proto__","link":null}]')[0]?.ifname).toBe('__proto__');
  });

  it('says in which line the JSON breaks', () => {
    expect.assertions(1);
    try {
      parseIpLink('[{"ifindex":1,\n"ifname":"lo"},\n{"ifindex":1 2}]');
    } catch (error) {
      expect((error as ParseError).line).toBe(3);
    }
  });
});

describe('ip address', () => {
  it('keeps the kernel’s order and the flags that are set', () => {
    const addresses = parseIpAddress(fixture('commands/ip-addr.json'));
    expect(addresses.filter((own) => own.family === 4).map((own) => `${own.local}/${own.prefixLength}`)).toEqual([
      '127.0.0.1/8',
      '198.51.100.10/24',
      '192.168.0.1/24',
    ]);
    const [peer] = parseIpAddress(
      '[{"ifindex":3,"ifname":"tun0","addr_info":[{"family":"inet","local":"10.0.0.1","address":"10.0.0.2","prefixlen":32,"scope":"global","secondary":true}]}]',
    );
    expect(peer).toMatchObject({ local: '10.0.0.1', peer: '10.0.0.2', flags: ['secondary'] });
  });
});

describe('ip route', () => {
  const routes = parseIpRoute(fixture('commands/ip-route.json'));
  const to = (destination: string) => routes.find((route) => route.destination === destination);

  it('reads both families of one dump, also a default route without a gateway', () => {
    expect(to('0.0.0.0/0')).toMatchObject({ family: 4, table: 'main', nexthops: [{ gateway: '198.51.100.1' }] });
    expect(to('::/0')).toMatchObject({ family: 6, nexthops: [{ dev: 'eth0', gateway: null }] });
  });

  it('reads types, tables, metrics, next hops of several kinds and the source network', () => {
    expect(to('10.1.0.0/16')?.nexthops).toEqual([
      { dev: 'eth0', gateway: '198.51.100.2', weight: 2, flags: [] },
      { dev: 'eth0', gateway: '198.51.100.3', weight: 1, flags: [] },
    ]);
    expect(to('10.2.0.0/16')).toMatchObject({ type: 'blackhole', metric: 7, nexthops: [] });
    expect(to('10.4.0.0/16')).toMatchObject({ type: 'throw', table: '100' });
    expect(to('10.5.0.0/16')).toMatchObject({ type: 'prohibit', tos: 16 });
    expect(to('10.6.0.0/16')?.nexthops[0]?.gateway).toBe('fe80::1');
    expect(to('10.7.0.0/16')).toMatchObject({
      table: '200',
      prefsrc: '198.51.100.10',
      mtu: 1400,
      nexthops: [{ flags: ['onlink'] }],
    });
    expect(to('10.9.0.0/16')?.type).toBe('blackhole');
    expect(to('2001:db8:8::/48')?.from).toBe('2001:db8:9::/48');
    expect(to('192.168.0.1/32')).toMatchObject({ type: 'local', table: 'local' });
  });

  it.each([
    ['0.0.0.0/0', 'default via 198.51.100.1 dev eth0'],
    [
      '10.1.0.0/16',
      '10.1.0.0/16 nexthop via 198.51.100.2 dev eth0 weight 2 nexthop via 198.51.100.3 dev eth0 weight 1',
    ],
    ['10.2.0.0/16', 'blackhole 10.2.0.0/16 metric 7'],
    ['10.5.0.0/16', 'prohibit 10.5.0.0/16 tos 0x10'],
    ['10.6.0.0/16', '10.6.0.0/16 via inet6 fe80::1 dev eth0'],
    [
      '10.7.0.0/16',
      '10.7.0.0/16 via 203.0.113.77 dev eth0 table 200 proto static src 198.51.100.10 onlink mtu 1400 advmss 1300',
    ],
    ['10.8.0.0/16', '10.8.0.0/16 nhid 5'],
    ['198.51.100.0/24', '198.51.100.0/24 dev eth0 proto kernel scope link src 198.51.100.10'],
    ['2001:db8:5::/48', '2001:db8:5::/48 via fe80::9 dev eth0 metric 5'],
  ])('writes %s as iproute2 takes it', (destination, text) => {
    expect(to(destination)?.text).toBe(text);
  });

  it('leaves out what iproute2 prints but does not take', () => {
    const [route] = parseIpRoute('[{"dst":"default","gateway":"10.0.0.1","dev":"e","flags":["linkdown","onlink"]}]');
    expect(route?.text).toBe('default via 10.0.0.1 dev e onlink');
    expect(route?.nexthops[0]?.flags).toEqual(['linkdown', 'onlink']);
  });
});

describe('ip rule', () => {
  const rules = parseIpRule(fixture('commands/ip-rule.json'), 4);
  const at = (priority: number) => rules.find((rule) => rule.priority === priority);

  it('takes the presence of a null for true', () => {
    expect(rules.find((rule) => rule.not)).toMatchObject({ mark: 0x10, markMask: 0xff, table: '200', source: null });
    expect(at(60)?.action).toBe('nop');
    expect(at(1000)).toMatchObject({ l3mdev: true, table: null });
    expect(at(0)).toMatchObject({ not: false, l3mdev: false, mark: null, markMask: 0 });
  });

  it('reads every selector and action', () => {
    expect(at(40)).toMatchObject({ destination: '10.9.1.0/24', action: 'unreachable' });
    expect(at(41)?.action).toBe('prohibit');
    expect(at(50)).toMatchObject({ action: 'goto', goto: 32766 });
    expect(at(70)).toMatchObject({ tos: 16, protocol: 'tcp', sourcePorts: [1000, 2000], destinationPorts: [80, 80] });
    expect(at(80)?.uids).toEqual([1000, 2000]);
    expect(at(2200)?.unjudged).toEqual(['tun_id']);
    expect(rules.find((rule) => rule.iif === 'br0')).toMatchObject({ oif: 'eth0', suppressPrefixLength: 0 });
    expect(rules.find((rule) => rule.suppressIfgroup !== null)?.suppressIfgroup).toBe('7');
    expect(rules.find((rule) => rule.source === '192.168.0.0/24')?.text).toMatch(
      /^priority \d+ from 192\.168\.0\.0\/24 lookup 100$/,
    );
  });

  it('keeps a selector that it does not know apart, so that nobody judges by half a rule', () => {
    const [rule] = parseIpRule('[{"priority":5,"src":"all","flowlabel":"0x1","table":"main"}]', 6);
    expect(rule?.unjudged).toEqual(['flowlabel']);
  });
});

describe('the others', () => {
  it('read neighbours, ports, stations, queues, filters and namespaces', () => {
    expect(parseIpNeigh(fixture('commands/ip-neigh-failed.json'))).toMatchObject([
      { address: '192.168.0.1', states: ['REACHABLE'] },
      { address: '192.168.0.99', lladdr: null, states: ['INCOMPLETE'] },
    ]);
    expect(parseBridgeLink(fixture('commands/bridge-link.json'))).toMatchObject([
      { ifname: 'veth1_p', master: 'br0', state: 'forwarding', isolated: false, flood: true },
    ]);
    const stations = parseBridgeFdb(fixture('commands/bridge-fdb.json'));
    expect(stations.find((entry) => entry.dst !== null)).toMatchObject({ ifname: 'vx0', dst: '198.51.100.20' });
    expect(stations.find((entry) => entry.master === 'br0' && entry.state === null)?.ifname).toBe('veth1_p');
    expect(parseTcQdisc(fixture('commands/tc-qdisc.json')).find((qdisc) => qdisc.kind === 'tbf')).toMatchObject({
      dev: 'eth0',
      parent: null,
      options: { rate: 125000 },
    });
    expect(parseTcFilter(fixture('commands/tc-filter.json'), 'eth0', 'egress')).toMatchObject([
      { kind: 'bpf', preference: 10, text: expect.stringContaining('"direct-action":true') },
    ]);
    expect(parseIpNetns(fixture('commands/ip-netns.json'))).toContainEqual({ name: 'host', id: null });
    expect(parseLsns(fixture('commands/lsns.json')).map((row) => row.netnsid)).toEqual([null, null, 0]);
  });

  it('read the nested list of newer lsns', () => {
    const nested =
      '{"namespaces":[{"ns":1,"netnsid":"unassigned","pid":1,"children":[{"ns":"2","netnsid":"3","pid":9}]}]}';
    expect(parseLsns(nested)).toEqual([
      { inode: 1, netnsid: null, pid: 1 },
      { inode: 2, netnsid: 3, pid: 9 },
    ]);
  });
});
