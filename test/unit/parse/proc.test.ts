import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConntrack } from '../../../src/parse/conntrack.js';
import { parseDsfield } from '../../../src/parse/dsfield.js';
import { ParseError } from '../../../src/parse/parse-error.js';
import { parseProcNetCounters } from '../../../src/parse/proc-net.js';
import { parseResolvConf } from '../../../src/parse/resolv-conf.js';
import { parseSs } from '../../../src/parse/ss.js';
import { parseSysctlDump, parseSysctls } from '../../../src/parse/sysctl.js';
import { fixture } from '../../helpers/fixture.js';

describe('sysctls', () => {
  it('leaves out a long line that is no setting, at once', () => {
    const long = `net${'.a'.repeat(5000)}`;
    expect(parseSysctlDump(`${long}\nnet.ipv4.conf.eth0/1.rp_filter = 1\n`)).toEqual({
      'net.ipv4.conf.eth0.1.rp_filter': '1',
    });
  });

  it('keeps interface names as they are', () => {
    const values = parseSysctls(
      '/proc/sys/net/ipv4/conf/eth0.5/rp_filter:2\n/proc/sys/net/ipv4/conf/__proto__/forwarding:1\n/proc/sys/net/ipv4/ip_forward:0\n',
    );
    expect(values['net.ipv4.conf.eth0.5.rp_filter']).toBe('2');
    expect(values['net.ipv4.conf.__proto__.forwarding']).toBe('1');
    expect(parseSysctls(fixture('commands/sysctl.txt'))).toMatchObject({
      'net.ipv4.ip_forward': '1',
      'net.ipv4.ip_local_port_range': '32768\t60999',
      'net.ipv4.conf.br0.forwarding': '1',
    });
  });

  it('refuses other lines and names them', () => {
    expect(() => parseSysctls('/proc/sys/net/a:1\nrubbish')).toThrow(expect.objectContaining({ line: 2 }));
    expect(parseSysctls('')).toEqual({});
  });
});

describe('counters', () => {
  it('joins the three files', () => {
    const counters = parseProcNetCounters(fixture('commands/proc-net.txt'));
    expect(counters).toMatchObject({ 'Ip.Forwarding': 1, 'TcpExt.IPReversePathFilter': 0, 'Tcp.MaxConn': -1 });
    expect(counters['Ip6.InReceives']).toBeTypeOf('number');
    expect(counters['Icmp6.InMsgs']).toBeTypeOf('number');
    expect(counters['IpExt.InNoRoutes']).toBeTypeOf('number');
  });

  it('adds up what each CPU counted of conntrack, by the names of the kernel that it is', () => {
    const newer = [
      'entries  clashres found new insert insert_failed drop early_drop',
      '00000011  00000001 00000000 00000000 00000000 00000002 00000003 00000000',
      '00000011  00000000 0000000a 00000000 00000000 00000001 000000ff 00000004',
      '',
    ].join('\n');
    expect(parseProcNetCounters(`Ip6InReceives 7\n${newer}`)).toEqual({
      'Ip6.InReceives': 7,
      'Conntrack.clashres': 1,
      'Conntrack.found': 10,
      'Conntrack.new': 0,
      'Conntrack.insert': 0,
      'Conntrack.insert_failed': 3,
      'Conntrack.drop': 258,
      'Conntrack.early_drop': 4,
    });
    const older = 'entries  searched found insert_failed drop \n00000001  00000002 00000000 00000000 00000009 \n';
    expect(parseProcNetCounters(older)).toMatchObject({ 'Conntrack.searched': 2, 'Conntrack.drop': 9 });
    expect(() => parseProcNetCounters(older.replace(' 00000009', ''))).toThrow(ParseError);
  });

  it('adds up what each CPU counted of its receive queue and of the neighbour tables', () => {
    const neighbours = 'entries  allocs table_fulls\n0000000e 00000010 00000002\n0000000e 00000001 00000001\n';
    const queues = `0000002a 00000003 00000001 ${'00000000 '.repeat(10)}\n00000001 0000000d 00000000 ${'00000000 '.repeat(10)}\n`;
    expect(parseProcNetCounters(`Ip6InReceives 7\n${queues}${neighbours}${neighbours}`)).toEqual({
      'Ip6.InReceives': 7,
      'Softnet.processed': 43,
      'Softnet.dropped': 16,
      'Softnet.time_squeeze': 1,
      'Arp.allocs': 17,
      'Arp.table_fulls': 3,
      'Ndisc.allocs': 17,
      'Ndisc.table_fulls': 3,
    });
    expect(() => parseProcNetCounters('0000002a 00000003\n')).toThrow(ParseError);
    expect(() => parseProcNetCounters(neighbours.replace(' 00000002', ''))).toThrow(
      expect.objectContaining({ line: 2 }),
    );
  });

  it.each(['Ip: A B\nIp: 1\n', 'Ip: A\nIp: x\n', 'Ip6InReceives\n', 'rubbish 1\n'])('refuses %j', (text) => {
    expect(() => parseProcNetCounters(text)).toThrow(ParseError);
  });
});

describe('conntrack', () => {
  it('tells both directions, the echo identifier and the entry’s own identifier apart', () => {
    const [tcp, icmp, multicast] = parseConntrack(fixture('commands/conntrack.txt'));
    expect(tcp).toMatchObject({
      protocol: 'tcp',
      state: 'CLOSE',
      original: { src: '192.168.0.2', dst: '203.0.113.5', dport: 80, icmpId: null },
      reply: { src: '203.0.113.5', dst: '198.51.100.10', sport: 80 },
      flags: ['ASSURED'],
      mark: 0,
    });
    expect(icmp).toMatchObject({
      protocol: 'icmp',
      state: null,
      original: { icmpId: 60 },
      reply: { icmpId: 60 },
      flags: [],
    });
    expect(multicast).toMatchObject({ flags: ['UNREPLIED'], original: { icmpId: null } });
    expect(parseConntrack('')).toEqual([]);
  });

  it('refuses what is no connection', () => {
    expect(() => parseConntrack('ipv4 2 tcp 6 8 CLOSE src=1.2.3.4 dst=5.6.7.8')).toThrow(ParseError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseConntrack(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
    );
  });
});

describe('ss', () => {
  it('reads addresses with brackets, devices and wildcards', () => {
    expect(parseSs(fixture('commands/ss.txt'))).toEqual([
      { protocol: 'tcp', address: '0.0.0.0', port: 80, queue: { waiting: 0, room: 5 } },
      { protocol: 'udp', address: '127.0.0.53', port: 53 },
      { protocol: 'tcp', address: '::', port: 22, queue: { waiting: 0, room: 4096 } },
      { protocol: 'tcp', address: '*', port: 8080, queue: { waiting: 0, room: 511 } },
      { protocol: 'udp', address: 'fe80::1', port: 546 },
    ]);
    expect(() => parseSs('tcp LISTEN 0 5')).toThrow(ParseError);
    expect(parseSs('')).toEqual([]);
  });
});

describe('resolv.conf', () => {
  it('takes the last search list and ignores comments', () => {
    const text =
      '# c\n; d\nnameserver 127.0.0.11\nnameserver 2001:db8::1\ndomain a.test\nsearch b.test c.test\noptions ndots:0 edns0\nrubbish\n';
    expect(parseResolvConf(text)).toEqual({
      nameservers: ['127.0.0.11', '2001:db8::1'],
      search: ['b.test', 'c.test'],
      options: ['ndots:0', 'edns0'],
    });
    expect(parseResolvConf('')).toEqual({ nameservers: [], search: [], options: [] });
  });
});

describe('the DS field', () => {
  it.each([
    ['0x10', 0x10],
    ['CS6', 0xc0],
    ['AF11', 0x28],
    ['AF43', 0x98],
    ['EF', 0xb8],
    ['odd', null],
  ])('%s is %s', (text, value) => {
    expect(parseDsfield(text)).toBe(value);
  });
});
