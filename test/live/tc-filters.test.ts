import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { walkFilters } from '../../src/netfilter/tc/walk-filters.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import { parseTcFilter, parseTcQdisc } from '../../src/parse/tc.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';
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

/** Without IPv6 in the container the probe's packets are all that the filter can meet: no router solicitation is counted. */
beforeAll(async () => {
  lab = await openLab('textbook');
  await lab.run([
    'ip netns exec net1 sysctl -q -w net.ipv6.conf.all.disable_ipv6=1',
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

const ALL = '1,6 0 0 2';

describe.each([
  ['ingress protocol arp', 'the ARP request', ['arp']],
  ['egress protocol arp', 'the ARP reply', ['arp']],
  ['ingress protocol all', 'the request', ['ip', 'arp']],
])('a filter at the %s that drops all it sees', (place, what, passed) => {
  const [hook = ''] = place.split(' ');

  beforeAll(() => lab.run([`tc filter add dev ${DEVICE} ${place} bpf direct-action bytecode '${ALL}'`]));
  beforeEach(() => lab.run(['ip -n net1 neigh flush all', 'ip neigh flush all']));
  afterAll(() => lab.run([`tc filter del dev ${DEVICE} ${hook}`]));

  test(`drops ${what}: the packets wait in the container`, async () => {
    const run = runOf(await lab.trace(['net1', DESTINATION]));
    expect(run.diagnosis.title).toBe(`a tc filter at the ${hook} of ${DEVICE} drops ${what}`);
    expect(run.diagnosis.status).toBe('fault');
    expect(brokenRoles(run)).toBe('socket–container');
    expect(run.findings.filter(({ rank }) => rank !== 'noticed')).toHaveLength(1);
  });

  test('is passed by without being taken out, and asked again after an undo', async () => {
    const shown = async () => (await lab.exec(['tc', 'filter', 'show', 'dev', DEVICE, hook])).stdout;
    const vethoscope = (...args: readonly string[]) =>
      lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder } });
    const before = await shown();
    const fixed = await vethoscope('fix', 'net1', DESTINATION, '--apply');
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
    const protocols = (await shown()).matchAll(/^filter protocol (\S+) pref \d+ u32 chain 0 $/gm);
    expect([...protocols].map(([, protocol]) => protocol).sort()).toEqual([...passed].sort());
    const undone = await vethoscope('undo', '--last');
    expect(undone.exitCode, undone.stdout + undone.stderr).toBe(EXIT.ok);
    expect(await shown()).toBe(before);
  });
});
