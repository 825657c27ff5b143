import { expect, test } from 'vitest';
import type { Flow } from '../../../src/model/flow.js';
import { LINK_HEADERS, probeLengths, probeSizeFor, randomProbeSize } from '../../../src/witness/lengths.js';

const flow = (protocol: Flow['protocol'], family: Flow['family']): Flow => ({
  kind: 'egress',
  family,
  protocol,
  source: null,
  destination: '203.0.113.5',
  destinationText: '203.0.113.5',
  port: null,
  mark: 0,
});

test('sizes are odd, unlike each other, fit every link and are no large packets', () => {
  const sizes = Array.from({ length: 2000 }, randomProbeSize);
  expect(sizes.every((size) => size % 2 === 1 && size >= 301)).toBe(true);
  for (const family of [4, 6] as const)
    expect(sizes.flatMap((size) => probeLengths(flow('icmp', family), { size })).every((length) => length < 1000)).toBe(
      true,
    );
  expect(new Set(sizes).size).toBeGreaterThan(200);
});

test('no frame of one probe is as long as one of the other', () => {
  const frames = (size: number): readonly number[] => LINK_HEADERS.map((header) => size + header);
  const sizes = Array.from({ length: 2000 }, () => probeSizeFor(flow('icmp', 4), 501));
  expect(sizes.some((size) => frames(size).some((length) => frames(501).includes(length)))).toBe(false);
});

test('knows how long the packets are', () => {
  expect(probeLengths(flow('icmp', 4), { size: 1015 })).toEqual([1043]);
  expect(probeLengths(flow('icmp', 6), { size: 1015 })).toEqual([1063]);
  expect(probeLengths(flow('tcp', 4), { size: 56 })).toEqual(expect.arrayContaining([60, 40]));
  expect(probeLengths(flow('udp', 4), { size: 56 })).toEqual([84]);
});
