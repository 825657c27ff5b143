import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/capture/decode.js';
import { CONTEXT, framesOf, packetsOf } from '../helpers/pcap-fixture.js';

const ETHERNET = 1;
const RAW = 101;
const SLL2 = 276;

const FIXTURES = [
  'any-sll-micro',
  'any-sll2',
  'bridge-errors',
  'container-icmp',
  'container-tcp',
  'fragments',
  'uplink-icmp6',
  'vlan',
] as const;

const decodeHex = (hex: string, linkType = ETHERNET) => {
  const bytes = Buffer.from(hex.replace(/\s/g, ''), 'hex');
  return decode({ epochNs: CONTEXT.startedNs, length: bytes.length, bytes }, linkType, CONTEXT);
};

describe('decode', () => {
  test('reads ARP', () => {
    const [request, reply] = packetsOf('container-icmp');
    expect(request?.arp).toEqual({
      operation: 'request',
      senderMac: '5a:7f:e9:0f:95:72',
      senderAddress: '192.168.0.2',
      targetMac: '00:00:00:00:00:00',
      targetAddress: '192.168.0.1',
    });
    expect(reply?.arp).toMatchObject({
      operation: 'reply',
      senderMac: 'aa:98:ae:e7:61:33',
      senderAddress: '192.168.0.1',
    });
  });

  test('reads an echo with its token, in nanoseconds since the run began', () => {
    const packet = packetsOf('uplink-icmp')[2];
    expect(packet).toMatchObject({
      macSource: 'b2:30:39:6b:33:52',
      macDestination: '4a:2c:b9:f5:d6:ea',
      vlan: null,
      length: 98,
      truncated: false,
      ip: { family: 4, source: '198.51.100.10', destination: '203.0.113.5', ttl: 63, dontFragment: true },
      icmp: { type: 8, code: 0, id: 5590, sequence: 1, token: 'deadbeef', quoted: null },
    });
    expect(packet?.at).toBeGreaterThan(173_793_000);
    expect(packet?.at).toBeLessThan(173_794_000);
  });

  test('looks inside of the packets of a VXLAN tunnel, and of no other', () => {
    const inner = framesOf('container-icmp').frames.find(({ bytes }) => bytes[23] === 1);
    if (!inner) throw new Error('no echo in the fixture');
    const outer = Buffer.from(
      `${'02000000000b02000000000a0800'}45000000000040004011000${'0'}c633640ac6336514${'d903211800000000'}${'0800000000000100'}`,
      'hex',
    );
    outer.writeUInt16BE(outer.length - 14 + inner.bytes.length, 16);
    const bytes = Buffer.concat([outer, inner.bytes]);
    const frame = { ...inner, length: bytes.length, bytes };
    const plain = decode({ ...inner, length: inner.bytes.length }, ETHERNET, CONTEXT);
    expect(decode(frame, ETHERNET, { ...CONTEXT, vxlanPort: 8472 })).toEqual(plain);
    expect(plain.icmp?.type).toBe(8);
    expect(decode(frame, ETHERNET, { ...CONTEXT, vxlanPort: 4789 }).udp?.destinationPort).toBe(8472);
  });

  test('gives no token to a payload that is not ours', () => {
    const other = packetsOf('uplink-icmp', { ...CONTEXT, token: 'cafecafe' });
    expect(other.map((packet) => packet.icmp?.token ?? null)).toEqual(other.map(() => null));
  });

  test('reads the packet that an ICMP error quotes', () => {
    const [, prohibited, , tooBig, , expired] = packetsOf('bridge-errors');
    const quoted = {
      source: '192.168.0.2',
      destination: '203.0.113.5',
      protocol: 1,
      icmpSequence: 1,
      icmpType: 8,
      token: 'deadbeef',
    };
    expect(prohibited?.icmp).toMatchObject({ type: 3, code: 10, nextHopMtu: null, sequence: null, quoted });
    expect(tooBig?.icmp).toMatchObject({ type: 3, code: 4, nextHopMtu: 1400, quoted });
    expect(expired?.icmp).toMatchObject({ type: 11, code: 0, quoted });
  });

  test("marks a quoted echo that is another's", () => {
    const [, error] = packetsOf('bridge-errors', { ...CONTEXT, token: 'cafecafe' });
    expect(error?.icmp?.quoted).toMatchObject({ token: null, foreign: true });
  });

  test('reads IPv6 addresses as RFC 5952 writes them, and neighbour discovery', () => {
    const [solicitation, advertisement, request] = packetsOf('uplink-icmp6');
    expect(solicitation).toMatchObject({
      ip: { family: 6, source: 'fe80::b030:39ff:fe6b:3352', destination: 'ff02::1:ff00:1', protocol: 58, ttl: 255 },
      icmp: { type: 135, target: '2001:db8:2::1' },
    });
    expect(advertisement?.icmp).toMatchObject({ type: 136, target: '2001:db8:2::1' });
    expect(request?.icmp).toMatchObject({ type: 128, sequence: 1, token: 'deadbeef' });
  });

  test('reads an ICMPv6 error', () => {
    const error = packetsOf('bridge-errors').at(-1);
    expect(error?.icmp).toMatchObject({
      type: 1,
      code: 0,
      quoted: {
        source: '2001:db8:1::2',
        destination: '2001:db8:99::1',
        protocol: 58,
        icmpType: 128,
        token: 'deadbeef',
      },
    });
  });

  test('reads TCP ports, numbers and flags', () => {
    const packets = packetsOf('container-tcp');
    expect(packets[0]?.tcp).toEqual({
      sourcePort: 34554,
      destinationPort: 80,
      sequence: 2913507475,
      acknowledgement: 0,
      flags: ['SYN'],
    });
    expect(packets[1]?.tcp).toMatchObject({ acknowledgement: 2913507476, flags: ['SYN', 'ACK'] });
    expect(packets.at(-1)?.tcp).toMatchObject({ flags: ['RST', 'ACK'], acknowledgement: 1592544914 });
  });

  test('unwraps VLAN and QinQ tags and reports the outer id', () => {
    const tagged = packetsOf('vlan').filter((packet) => packet.vlan !== null);
    expect(tagged.map((packet) => packet.vlan)).toEqual([100, 100, 5]);
    for (const packet of tagged) expect(packet.icmp).toMatchObject({ type: 8, sequence: 7 });
  });

  test('decodes no transport header in a later fragment', () => {
    const packets = packetsOf('fragments');
    expect(packets.map((packet) => packet.ip?.fragmentOffset)).toEqual([
      0, 1376, 2752, 0, 1480, 2960, 0, 1448, 2896, 0, 1448, 2896,
    ]);
    expect(packets.map((packet) => packet.icmp?.sequence ?? null)).toEqual([
      1,
      null,
      null,
      1,
      null,
      null,
      1,
      null,
      null,
      1,
      null,
      null,
    ]);
    expect(packets.every((packet) => !packet.truncated)).toBe(true);
    expect(packets[0]?.ip).toMatchObject({ moreFragments: true });
  });

  test.each(['any-sll2', 'any-sll-micro'] as const)('reads cooked captures (%s)', (name) => {
    const packets = packetsOf(name);
    expect(packets.map((packet) => packet.icmp?.type)).toEqual([8, 8, 8, 0, 0, 0]);
    expect(packets[0]).toMatchObject({ macSource: null, ip: { source: '192.168.0.2' } });
  });

  const UDP = '4500001e 00000000 40110000 c0000201 c6336401 d431 0035 000a0000 0102';

  test('reads raw IP and UDP', () => {
    expect(decodeHex(UDP, RAW)).toMatchObject({
      macSource: null,
      ip: { source: '192.0.2.1', destination: '198.51.100.1' },
      udp: { sourcePort: 54321, destinationPort: 53, length: 10 },
    });
  });

  test('skips IPv4 options', () => {
    const options = '46000022 00000000 40110000 c0000201 c6336401 01010101 d431 0035 000a0000 0102';
    expect(decodeHex(options, RAW).udp).toMatchObject({ destinationPort: 53 });
  });

  test('does not read padding behind the packet', () => {
    const short = `4500001a 00000000 40110000 c0000201 c6336401 d431 0035 ${'00'.repeat(20)}`;
    expect(decodeHex(short, RAW)).toMatchObject({ udp: null, truncated: true });
  });

  const IPV6 = (next: string, length: string) =>
    `60000000 ${length} ${next} 40 20010db8${'0'.repeat(23)}1 20010db8${'0'.repeat(23)}2`;

  test('walks IPv6 extension headers', () => {
    const hopByHop = '3a00 050200000000';
    const echo = '8000 0000 0001 0007';
    expect(decodeHex(`${IPV6('00', '0010')} ${hopByHop} ${echo}`, RAW)).toMatchObject({
      ip: { protocol: 58, source: '2001:db8::1', destination: '2001:db8::2' },
      icmp: { type: 128, sequence: 7 },
    });
  });

  test('stops at ESP, where the packet cannot be read further', () => {
    expect(decodeHex(`${IPV6('32', '0010')} ${'00'.repeat(16)}`, RAW)).toMatchObject({
      ip: { protocol: 50 },
      icmp: null,
    });
  });

  test('leaves other protocols and link types alone', () => {
    expect(decodeHex('0200000000010200000000020027ffff', ETHERNET)).toMatchObject({
      ip: null,
      arp: null,
      truncated: false,
    });
    expect(decodeHex('ff', RAW)).toMatchObject({ ip: null, truncated: false });
    expect(decodeHex('0102030405', 228)).toMatchObject({ ip: null, truncated: false });
    expect(decodeHex('0800', SLL2)).toMatchObject({ ip: null, truncated: true });
    expect(decodeHex('', ETHERNET)).toMatchObject({ macSource: null, truncated: true });
  });

  test('survives truncation at every length, and says so', () => {
    for (const name of FIXTURES) {
      const { frames, linkType } = framesOf(name);
      for (const frame of frames) {
        for (let length = 0; length < frame.bytes.length; length += 1) {
          const packet = decode({ ...frame, bytes: frame.bytes.subarray(0, length) }, linkType, CONTEXT);
          const decoded = packet.arp ?? packet.icmp ?? packet.tcp;
          const later = (packet.ip?.fragmentOffset ?? 0) > 0;
          expect(decoded !== null || packet.truncated || later, `${name} at ${length}`).toBe(true);
        }
      }
    }
  });

  test('never throws, whatever is changed in a frame', () => {
    const frames = FIXTURES.flatMap((name) => {
      const read = framesOf(name);
      return read.frames.map((frame) => ({ frame, linkType: read.linkType }));
    });
    const change = fc.record({ at: fc.nat(255), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.array(change, { maxLength: 6 }), ({ frame, linkType }, changes) => {
        const bytes = Buffer.from(frame.bytes);
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
        expect(decode({ ...frame, bytes }, linkType, CONTEXT)).toHaveProperty('truncated');
      }),
      { numRuns: 2000 },
    );
  });

  test('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(1, 12, 101, 113, 276, 228), (raw, linkType) => {
        const frame = { epochNs: 0n, length: raw.length, bytes: Buffer.from(raw) };
        expect(decode(frame, linkType, CONTEXT)).toHaveProperty('truncated');
      }),
      { numRuns: 2000 },
    );
  });
});
