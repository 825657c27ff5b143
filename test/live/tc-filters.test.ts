import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { walkFilters } from '../../src/netfilter/tc/walk-filters.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import { parseTcFilter, parseTcQdisc } from '../../src/parse/tc.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { textbookPacket } from '../unit/netfilter/helpers/state.js';

const DEVICE = 'veth1_p';
const DESTINATION = '203.0.113.5';

const base: HookPacket = { ...textbookPacket, icmp: null, iif: DEVICE, oif: null, ttl: 64 };

/** Packets, and the command that sends each from the container. */
const PACKETS: readonly (readonly [name: string, packet: HookPacket, send: string])[] = [
  [
    'an echo request',
    { ...base, protocol: 'icmp', icmp: { type: 8, code: 0 }, length: 84 },
    `ping -q -c 1 -W 0.3 ${DESTINATION} >/dev/null || true`,
  ],
  [
    'a datagram',
    { ...base, protocol: 'udp', sourcePort: 4000, destinationPort: 5300, length: 48 },
    `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "${DESTINATION}:5300", LocalPort => 4000, Proto => "udp")->send("x" x 20)'`,
  ],
  [
    'a SYN',
    { ...base, protocol: 'tcp', sourcePort: 4001, destinationPort: 80, tcpFlags: ['SYN'], length: 60 },
    `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "${DESTINATION}:80", LocalPort => 4001, ReuseAddr => 1, Timeout => 0.3)'`,
  ],
];

const EXPRESSIONS = [
  'ip6',
  'udp',
  'ip[8] < 64',
  'ip[8] = 64',
  'icmp[0] = 8',
  'tcp dst port 80',
  'tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn',
  `dst host ${DESTINATION}`,
  'src net 192.168.0.0/24 and not port 80',
  'portrange 4000-4000',
  'ip[6:2] & 0x1fff != 0',
  'ip[2:2] - ((ip[0] & 0xf) << 2) > 40',
  'greater 98',
];

/** Bytecode that drops what the expression selects: tcpdump returns a length for it, and 0 for everything else. */
const bytecode = (program: string): string =>
  program
    .trim()
    .split('\n')
    .map((line) => line.replace(/^6 0 0 (\d+)$/, (_, value) => (value === '0' ? '6 0 0 4294967295' : '6 0 0 2')))
    .join(',');

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('textbook');
  await lab.run([
    `ip netns exec net1 ping -q -c 1 -W 2 ${DESTINATION} >/dev/null`,
    `tc qdisc add dev ${DEVICE} clsact`,
  ]);
});

afterAll(() => lab.close());

const dropped = async (): Promise<number> => {
  const { stdout } = await lab.exec(['tc', '-j', '-s', 'qdisc', 'show']);
  return parseTcQdisc(stdout).find(({ dev, kind }) => dev === DEVICE && kind === 'clsact')?.drops ?? Number.NaN;
};

describe.each(EXPRESSIONS)('a classic BPF filter of tc that drops "%s"', (expression) => {
  beforeAll(async () => {
    const compiled = await lab.exec(['tcpdump', '-ddd', '-y', 'EN10MB', expression]);
    expect(compiled.exitCode, compiled.stderr).toBe(0);
    const code = bytecode(compiled.stdout);
    await lab.run([`tc filter add dev ${DEVICE} ingress bpf direct-action bytecode '${code}'`]);
  });

  afterAll(() => lab.run([`tc filter del dev ${DEVICE} ingress`]));

  test.each(PACKETS)('does with %s what the kernel does', async (_name, packet, send) => {
    const shown = await lab.exec(['tc', '-j', '-s', 'filter', 'show', 'dev', DEVICE, 'ingress']);
    const { verdict, doubt } = walkFilters(parseTcFilter(shown.stdout, DEVICE, 'ingress'), 'ingress', packet);
    const before = await dropped();
    await lab.exec(send, { netns: 'net1' });
    expect(verdict, doubt ?? '').toBe((await dropped()) > before ? 'drop' : 'pass');
  });
});
