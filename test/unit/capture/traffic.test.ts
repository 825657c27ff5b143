import { describe, expect, test } from 'vitest';
import { type Exchange, followTraffic, isRefused } from '../../../src/capture/traffic.js';
import type { Family, Flow } from '../../../src/model/flow.js';
import type { Packet, TcpHeader } from '../../../src/model/packet.js';
import { CONTEXT, packetsOf } from '../helpers/pcap-fixture.js';
import { FLOW } from '../helpers/textbook-path.js';

const seen = (name: string): Packet[] => packetsOf(name, { ...CONTEXT, token: null, payloads: true });
const FACTS = { start: 'h1', own: ['192.168.0.2', '192.168.0.1', '198.51.100.10'], most: 10 };
const icmp = new Map([
  ['h1', seen('container-icmp')],
  ['h4', seen('uplink-icmp')],
]);
const tcp = new Map([
  ['h1', seen('container-tcp')],
  ['h4', seen('uplink-tcp')],
]);
const syn = tcp.get('h1')?.find((packet) => packet.tcp?.flags.join() === 'SYN');
const TCP: Flow = { ...FLOW, protocol: 'tcp', port: syn?.tcp?.destinationPort ?? 0 };

const at = (hop: string, packets: ReadonlyMap<string, readonly Packet[]>, flow: Flow) =>
  followTraffic(flow, packets, FACTS)
    .sightings.filter((one) => one.hop === hop && one.probe !== null)
    .map(({ kind, probe }) => `${kind} ${probe}`);

describe('traffic of others', () => {
  test('echoes are the same before and behind the NAT, without a token of ours', () => {
    const expected = [1, 2, 3].flatMap((number) => [`request ${number}`, `reply ${number}`]);
    expect(at('h1', icmp, FLOW)).toEqual(expected);
    expect(at('h4', icmp, FLOW)).toEqual(expected);
    const { exchanges } = followTraffic(FLOW, icmp, FACTS);
    expect(exchanges.map(({ answer }) => answer !== null)).toEqual([true, true, true]);
  });

  test('a connection is followed by its sequence numbers, and its answers by what they acknowledge', () => {
    const { exchanges } = followTraffic(TCP, tcp, FACTS);
    expect(exchanges.length).toBeGreaterThan(0);
    expect(exchanges[0]?.packet.tcp?.flags).toEqual(['SYN']);
    expect(exchanges.every(({ answer }) => answer !== null)).toBe(true);
    expect(at('h4', tcp, TCP)).toContain('request 1');
    expect(at('h4', tcp, TCP)).toContain('reply 1');
  });

  test('a segment that is sent again is no further one', () => {
    const [first] = tcp.get('h1')?.filter((packet) => packet === syn) ?? [];
    const again: Packet[] = first ? [first, { ...first, at: first.at + 1e9 }] : [];
    const { exchanges, sightings } = followTraffic(TCP, new Map([['h1', again]]), FACTS);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({ number: 1, answer: null, error: null });
    expect(sightings.map(({ probe }) => probe)).toEqual([1, 1]);
  });

  test('to another address or port, or from another port than the one that is named, is another flow', () => {
    expect(followTraffic({ ...FLOW, destination: '203.0.113.9' }, icmp, FACTS).exchanges).toEqual([]);
    expect(followTraffic({ ...TCP, port: 4 }, tcp, FACTS).exchanges).toEqual([]);
    expect(followTraffic({ ...TCP, sourcePort: 4 }, tcp, FACTS).exchanges).toEqual([]);
  });

  test('an echo that is not answered stays open, and no more are followed than were asked for', () => {
    const silent = new Map([...icmp].map(([hop, list]) => [hop, list.filter((one) => one.icmp?.type !== 0)] as const));
    const { exchanges } = followTraffic(FLOW, silent, { ...FACTS, most: 2 });
    expect(exchanges.map(({ answer }) => answer)).toEqual([null, null]);
  });

  test('the same words to another server are not taken for a packet of this flow, nor its answer for an answer', () => {
    const elsewhere = '203.0.113.9';
    const moved = (packet: Packet): Packet => {
      const { ip } = packet;
      if (ip === null) return packet;
      const swap = (address: string): string => (address === FLOW.destination ? elsewhere : address);
      return { ...packet, ip: { ...ip, source: swap(ip.source), destination: swap(ip.destination) } };
    };
    const requests = (hop: string): Packet[] => (icmp.get(hop) ?? []).filter((one) => one.icmp?.type !== 0);
    const both = new Map(
      ['h1', 'h4'].map((hop) => [hop, [...(hop === 'h1' ? requests(hop) : []), ...(icmp.get(hop) ?? []).map(moved)]]),
    );
    expect(followTraffic(FLOW, both, FACTS).exchanges.map(({ answer }) => answer)).toEqual([null, null, null]);
    expect(at('h4', both, FLOW)).toEqual([]);
    expect(at('h4', both, { ...FLOW, destination: elsewhere })).toContain('reply 1');
  });
});

describe('a refusal', () => {
  const exchange = (packet: Partial<Packet>, came: Partial<Pick<Exchange, 'answer' | 'error'>>): Exchange => ({
    number: 1,
    at: 0,
    packet: { ...(syn as Packet), ...packet },
    answer: null,
    error: null,
    ...came,
  });
  const segment = (...flags: readonly string[]): Packet => ({
    ...(syn as Packet),
    tcp: { ...(syn?.tcp as TcpHeader), flags },
  });
  const datagram: Partial<Packet> = {
    tcp: null,
    udp: { sourcePort: 40_000, destinationPort: 53, digest: 'aa' } as unknown as Packet['udp'],
  };
  const unreachable = (family: Family, type: number, code: number): Packet => ({
    ...(syn as Packet),
    tcp: null,
    ip: { ...(syn?.ip as NonNullable<Packet['ip']>), family },
    icmp: { type, code } as Packet['icmp'],
  });

  test('is a reset for the first segment; one in the midst of a connection is none, nor is an answer', () => {
    expect(isRefused(exchange({}, { answer: segment('RST', 'ACK') }))).toBe(true);
    expect(isRefused(exchange({}, { answer: segment('SYN', 'ACK') }))).toBe(false);
    expect(isRefused(exchange({}, {}))).toBe(false);
    expect(isRefused(exchange(segment('PSH', 'ACK'), { answer: segment('RST') }))).toBe(false);
  });

  test.each([
    [4, 3, 3, true],
    [4, 3, 1, false],
    [4, 11, 0, false],
    [6, 1, 4, true],
    [6, 3, 3, false],
  ] as const)('of a datagram is port unreachable alone: IPv%i type %i code %i', (family, type, code, expected) => {
    expect(isRefused(exchange(datagram, { error: unreachable(family, type, code) }))).toBe(expected);
  });
});
