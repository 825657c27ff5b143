import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Frame, PcapError, PcapStream } from '../../../src/capture/pcap.js';
import { framesOf, readFixture } from '../helpers/pcap-fixture.js';

/** The same capture with every header field in the other byte order. */
const swapped = (capture: Buffer): Buffer => {
  const copy = Buffer.from(capture);
  const swap32 = (offset: number) => copy.subarray(offset, offset + 4).reverse();
  const swap16 = (offset: number) => copy.subarray(offset, offset + 2).reverse();
  for (const offset of [0, 8, 12, 16, 20]) swap32(offset);
  for (const offset of [4, 6]) swap16(offset);
  for (let at = 24; at + 16 <= copy.length; ) {
    const length = capture.readUInt32LE(at + 8);
    for (const offset of [0, 4, 8, 12]) swap32(at + offset);
    at += 16 + length;
  }
  return copy;
};

const whole = (capture: Buffer): Frame[] => new PcapStream().push(capture);

describe('PcapStream', () => {
  test('reads nanosecond times', () => {
    const { frames, linkType } = framesOf('uplink-icmp');
    expect(linkType).toBe(1);
    expect(frames).toHaveLength(8);
    expect(frames[0]).toMatchObject({ length: 42 });
    expect(frames[0]?.epochNs.toString()).toMatch(/^1795199101173770\d{3}$/);
  });

  test('reads microsecond times', () => {
    const { frames, linkType } = framesOf('any-sll-micro');
    expect(linkType).toBe(113);
    expect(frames[0]?.epochNs.toString()).toMatch(/^1795199104453821000$/);
  });

  test('reads the other byte order to the same frames', () => {
    for (const name of ['uplink-icmp', 'any-sll-micro']) {
      expect(whole(swapped(readFixture(name)))).toEqual(whole(readFixture(name)));
    }
  });

  test('gives the same frames however the stream is cut', () => {
    const capture = readFixture('container-tcp');
    fc.assert(
      fc.property(fc.array(fc.nat(capture.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), capture.length];
        const stream = new PcapStream();
        const frames = edges.slice(1).flatMap((edge, index) => stream.push(capture.subarray(edges[index], edge)));
        expect(frames).toEqual(whole(capture));
        expect(stream.pendingBytes).toBe(0);
      }),
    );
  });

  test('keeps an unfinished record and gives none of it', () => {
    const capture = readFixture('uplink-icmp');
    const stream = new PcapStream();
    expect(stream.push(capture.subarray(0, capture.length - 1))).toHaveLength(7);
    expect(stream.pendingBytes).toBeGreaterThan(16);
  });

  test('refuses what is no pcap, a pcapng, an unknown version and an absurd record', () => {
    const capture = readFixture('uplink-icmp');
    const changed = (offset: number, value: number) => {
      const copy = Buffer.from(capture);
      copy.writeUInt32LE(value, offset);
      return copy;
    };
    expect(() => whole(Buffer.from('tcpdump: garbage on standard output'))).toThrow(/not a pcap stream/);
    expect(() => whole(changed(0, 0x0a0d0d0a))).toThrow(PcapError);
    expect(() => whole(changed(4, 9))).toThrow(/version 9\.0/);
    expect(() => whole(changed(32, 0x7fffffff))).toThrow(/claims 2147483647 bytes/);
  });

  test('throws nothing but PcapError on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, magic) => {
        const head = magic ? readFixture('uplink-icmp').subarray(0, 24) : Buffer.alloc(0);
        try {
          whole(Buffer.concat([head, bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(PcapError);
        }
      }),
    );
  });
});
