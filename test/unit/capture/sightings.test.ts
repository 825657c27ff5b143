import { describe, expect, test } from 'vitest';
import { type ProbeFacts, sequencesOf, toSightings } from '../../../src/capture/sightings.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Packet, QuotedPacket, Sighting } from '../../../src/model/packet.js';
import type { ProbeResult } from '../../../src/model/probe.js';
import { CONTEXT, packetsOf } from '../helpers/pcap-fixture.js';
import { FLOW } from '../helpers/textbook-path.js';

const FACTS: ProbeFacts = {
  token: 'deadbeef',
  bySequence: new Map(),
  own: ['192.168.0.2', '192.168.0.1', '198.51.100.10'],
};

const brief = (sightings: readonly Sighting[]): string[] =>
  sightings.map(({ kind, way, probe }) => `${kind} ${way} ${probe ?? '-'}`);

const PROBES = [1, 2, 3].flatMap((probe) => [`request forward ${probe}`, `reply return ${probe}`]);

const arp = (operation: 'request' | 'reply', senderAddress: string, targetAddress: string): Packet => ({
  at: 0,
  macSource: null,
  macDestination: null,
  vlan: null,
  length: 42,
  truncated: false,
  arp: { operation, senderMac: '', senderAddress, targetMac: '', targetAddress },
  ip: null,
  icmp: null,
  tcp: null,
  udp: null,
});

describe('ICMP', () => {
  test('recognises each probe by token and sequence, before and behind NAT', () => {
    const neighbours = ['neighbour-request forward -', 'neighbour-reply return -'];
    for (const name of ['container-icmp', 'bridge-icmp', 'uplink-icmp']) {
      expect(brief(toSightings('h1', packetsOf(name), FLOW, FACTS))).toEqual([...neighbours, ...PROBES]);
    }
  });

  test("leaves another's echo alone", () => {
    const packets = packetsOf('container-icmp', { ...CONTEXT, token: 'cafecafe' });
    expect(brief(toSightings('h1', packets, FLOW, { ...FACTS, token: 'cafecafe', own: [] }))).toEqual([]);
  });

  test('goes by addresses where the probe carries no token', () => {
    const packets = packetsOf('uplink-icmp', { ...CONTEXT, token: null });
    const facts = { ...FACTS, token: null, own: [] };
    expect(brief(toSightings('h4', packets, FLOW, facts))).toEqual(PROBES);
    expect(brief(toSightings('h4', packets, { ...FLOW, destination: '203.0.113.6' }, facts))).toEqual([]);
  });

  test('takes an ICMP error for the probe that it quotes, on its way back', () => {
    const packets = packetsOf('bridge-errors').filter((packet) => packet.ip?.family === 4);
    const sightings = toSightings('h3', packets, FLOW, { ...FACTS, own: [] });
    const errors = sightings.filter(({ kind }) => kind === 'icmp-error');
    expect(brief(errors)).toEqual(Array(3).fill('icmp-error return 1'));
    expect(errors.map(({ packet }) => packet.icmp?.type)).toEqual([3, 3, 11]);
  });

  test('leaves an error alone that quotes another echo to the same destination', () => {
    const packets = packetsOf('bridge-errors', { ...CONTEXT, token: 'cafecafe' });
    expect(brief(toSightings('h3', packets, FLOW, { ...FACTS, token: 'cafecafe', own: [] }))).toEqual([]);
  });

  test('takes an error about a reply as going forward', () => {
    const [, error] = packetsOf('bridge-errors');
    const quoted = error?.icmp?.quoted;
    if (!error?.icmp || !quoted) throw new Error('the fixture has changed');
    const aboutReply: Packet = {
      ...error,
      icmp: { ...error.icmp, quoted: { ...quoted, source: '203.0.113.5', destination: '192.168.0.2', icmpType: 0 } },
    };
    expect(brief(toSightings('h3', [aboutReply], FLOW, FACTS))).toEqual(['icmp-error forward 1']);
  });

  test('recognises ICMPv6 probes and errors', () => {
    const flow: Flow = { ...FLOW, family: 6, source: '2001:db8:1::2', destination: '2001:db8:2::1' };
    const own = ['2001:db8:2::10', 'fe80::b030:39ff:fe6b:3352'];
    expect(brief(toSightings('h4', packetsOf('uplink-icmp6'), flow, { ...FACTS, own }))).toEqual([
      'neighbour-request forward -',
      'neighbour-reply return -',
      'request forward 1',
      'neighbour-request return -',
      'neighbour-reply forward -',
      'reply return 1',
      'request forward 2',
      'reply return 2',
    ]);
    const unreachable = { ...flow, destination: '2001:db8:99::1' };
    const errors = toSightings('h3', packetsOf('bridge-errors'), unreachable, { ...FACTS, own: [] });
    expect(brief(errors).filter((text) => text.startsWith('icmp-error'))).toEqual(['icmp-error return 1']);
  });
});

describe('TCP', () => {
  const flow: Flow = { ...FLOW, protocol: 'tcp', port: 80 };
  const answer = (probe: number, sourcePort: number) => ({
    probe,
    outcome: 'answered' as const,
    rttMs: 1,
    text: null,
    from: null,
    sourcePort,
  });
  const probe: ProbeResult = {
    command: [],
    protocol: 'tcp',
    token: null,
    sent: 3,
    answered: 3,
    answers: [answer(1, 34554), answer(2, 34566), answer(3, 49310)],
    localError: null,
    failure: null,
    output: '',
  };
  const packets = new Map([
    ['h4', packetsOf('uplink-tcp')],
    ['h1', packetsOf('container-tcp')],
  ]);
  const SENT = { source: '192.168.0.2', destination: '203.0.113.5', nearest: 'h1' };
  const bySequence = sequencesOf(probe, packets, SENT);

  test('numbers the probes by the source ports that the container used', () => {
    expect([...bySequence]).toEqual([
      [2913507475, 1],
      [1129209722, 2],
      [1592544913, 3],
    ]);
  });

  test.each(['h1', 'h4'])('recognises SYN, SYN-ACK and RST at %s, whatever the ports there', (hop) => {
    expect(brief(toSightings(hop, packets.get(hop) ?? [], flow, { ...FACTS, bySequence }))).toEqual(PROBES);
  });

  test('counts a retransmitted SYN as the same probe', () => {
    const [syn] = packetsOf('container-tcp');
    if (syn === undefined) throw new Error('the fixture has changed');
    const again = { ...syn, at: syn.at + 1_000_000_000 };
    expect([...sequencesOf(probe, new Map([['h1', [again, syn]]]), SENT)]).toEqual([[2913507475, 1]]);
    expect(brief(toSightings('h1', [syn, again], flow, { ...FACTS, bySequence }))).toEqual(
      Array(2).fill('request forward 1'),
    );
  });

  test('leaves other connections to the same port alone', () => {
    const others = { ...probe, answers: [answer(1, 1)] };
    expect([...sequencesOf(others, packets, SENT)]).toEqual([]);
    expect(toSightings('h1', packets.get('h1') ?? [], flow, FACTS)).toEqual([]);
  });

  test('numbers two probes from one port, which the kernel chose again, by their order', () => {
    const [syn] = packetsOf('container-tcp');
    if (!syn?.tcp) throw new Error('the fixture has changed');
    const second = { ...syn, at: syn.at + 20_000_000, tcp: { ...syn.tcp, sequence: 9 } };
    const twice = { ...probe, answers: [answer(1, 34554), answer(2, 34554)] };
    expect([...sequencesOf(twice, new Map([['h1', [syn, second, syn]]]), SENT)]).toEqual([
      [2913507475, 1],
      [9, 2],
    ]);
  });

  describe('with a connection of the host that has the same source port', () => {
    const [syn] = packetsOf('container-tcp');
    if (!syn?.ip || !syn.tcp) throw new Error('the fixture has changed');
    const { ip } = syn;
    const hosts: Packet = {
      ...syn,
      at: syn.at - 1_000_000,
      ip: { ...ip, source: '203.0.113.2' },
      tcp: { ...syn.tcp, sequence: 7 },
    };

    test('takes the one that bears the address of the container, although it came later', () => {
      const seen = new Map([
        ['h4', [hosts]],
        ['h1', [syn]],
      ]);
      expect([...sequencesOf(probe, seen, SENT)]).toEqual([[2913507475, 1]]);
    });

    test('takes none where nothing of the container was seen', () => {
      expect([...sequencesOf(probe, new Map([['h4', [hosts]]]), SENT)]).toEqual([]);
    });

    test('takes the one to the asked destination', () => {
      const elsewhere: Packet = { ...hosts, ip: { ...ip, source: SENT.source, destination: '203.0.113.9' } };
      expect([...sequencesOf(probe, new Map([['h1', [elsewhere, syn]]]), SENT)]).toEqual([[2913507475, 1]]);
    });

    test('takes a translated one at the hop next to the container, and one of anybody where the sender is not known', () => {
      expect([...sequencesOf(probe, new Map([['h1', [hosts]]]), SENT)]).toEqual([[7, 1]]);
      expect([...sequencesOf(probe, new Map([['h4', [hosts]]]), { ...SENT, source: null })]).toEqual([[7, 1]]);
    });
  });

  test('takes an ICMP error for the probe whose sequence number it quotes', () => {
    const [, error] = packetsOf('bridge-errors');
    const quoted = error?.icmp?.quoted;
    if (!error?.icmp || !quoted) throw new Error('the fixture has changed');
    const { icmpType: _, ...rest } = quoted;
    const tcp = { ...rest, protocol: 6, icmpSequence: null, token: null, sourcePort: 34566, destinationPort: 80 };
    const packet = (tcpSequence: number, ends: Partial<QuotedPacket> = {}): Packet => ({
      ...error,
      icmp: error.icmp && { ...error.icmp, quoted: { ...tcp, tcpSequence, ...ends } },
    });
    const reply = { source: '203.0.113.5', destination: '192.168.0.2', sourcePort: 80, destinationPort: 34566 };
    const facts = { ...FACTS, bySequence };
    const of = (...packets: Packet[]) => brief(toSightings('h3', packets, flow, facts));
    expect(of(packet(1129209722), packet(1129209723))).toEqual(['icmp-error return 2', 'icmp-error return 2']);
    expect(of(packet(7)), "another connection's").toEqual([]);
    expect(of(packet(7, reply)), "the server's number").toEqual(['icmp-error forward -']);
  });
});

describe('neighbour discovery', () => {
  const of = (...packets: Packet[]) => brief(toSightings('h4', packets, FLOW, FACTS));

  test('goes the way of the traffic that needs it', () => {
    expect(of(arp('request', '198.51.100.10', '198.51.100.1'))).toEqual(['neighbour-request forward -']);
    expect(of(arp('reply', '198.51.100.1', '198.51.100.10'))).toEqual(['neighbour-reply return -']);
    expect(of(arp('request', '192.168.0.1', '192.168.0.2'))).toEqual(['neighbour-request return -']);
    expect(of(arp('request', '198.51.100.1', '198.51.100.10'))).toEqual(['neighbour-request return -']);
    expect(of(arp('reply', '198.51.100.10', '198.51.100.1'))).toEqual(['neighbour-reply forward -']);
  });

  test("leaves other hosts' questions and announcements alone", () => {
    expect(of(arp('request', '198.51.100.77', '198.51.100.1'))).toEqual([]);
    expect(of(arp('request', '192.168.0.2', '192.168.0.2'))).toEqual([]);
    expect(of(arp('request', '0.0.0.0', '192.168.0.2'))).toEqual([]);
  });
});
