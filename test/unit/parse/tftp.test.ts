import { expect, test } from 'vitest';
import { asksTftp, LARGEST_REQUEST, readRequest, readRequestNumber } from '../../../src/parse/tftp.js';
import { probeSizeFor } from '../../../src/witness/lengths.js';

test('a request reads a file in octet mode, as RFC 1350 says, and has the size that was asked for', () => {
  const request = readRequest('deadbeef', 258, 31);
  expect(request).toHaveLength(31);
  expect(request.toString('latin1')).toBe('\0\x01deadbeef0102xxxxxxxxxx\0octet\0');
  expect(readRequest('deadbeef', 1, 16).toString('latin1')).toBe('\0\x01deadbeef0001\0octet\0');
});

test('a request is known again by its token alone', () => {
  const frame = Buffer.concat([Buffer.alloc(42), readRequest('deadbeef', 258, 31)]);
  expect(readRequestNumber(frame, 42, frame.length, 'deadbeef')).toBe(258);
  expect(readRequestNumber(frame, 42, frame.length, 'deadbee0')).toBeNull();
  expect(readRequestNumber(frame, 42, frame.length, null)).toBeNull();
  expect(readRequestNumber(frame, 42, 55, 'deadbeef')).toBeNull();
  expect(readRequestNumber(frame, 41, frame.length, 'deadbeef')).toBeNull();
});

test('only UDP port 69 is asked so, with requests that every server takes', () => {
  const flow = { protocol: 'udp', port: 69 } as const;
  expect([flow, { ...flow, port: 70 }, { ...flow, protocol: 'tcp' as const }].map(asksTftp)).toEqual([
    true,
    false,
    false,
  ]);
  const sizes = Array.from({ length: 1000 }, () => probeSizeFor(flow));
  expect(sizes.every((size) => size % 2 === 1 && size >= 301 && size <= LARGEST_REQUEST)).toBe(true);
});
