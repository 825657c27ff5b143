import { describe, expect, test } from 'vitest';
import { AddressBook } from '../../../src/report/redact/address-book.js';
import { updateChecksum } from '../../../src/report/redact/checksum.js';
import { redactFrame } from '../../../src/report/redact/frame.js';
import { parseIp, parseNetwork } from '../../../src/report/redact/ip.js';
import { MacBook } from '../../../src/report/redact/mac-book.js';
import { storedRun } from '../../helpers/stored-runs.js';

const NOTHING = { networks: {}, hosts: {}, macs: {} };
const ip = (text: string) => {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(text);
  return parsed;
};
const bookOf = (...addresses: readonly string[]) =>
  new AddressBook([parseNetwork('192.168.0.0/24')], addresses.map(ip), NOTHING, new MacBook([], {}, false));

/** RFC 1071 over whole bytes. */
const checksumOf = (bytes: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

const frameOf = (hex: string, linkType = 1) => ({
  hop: 'h1',
  at: 0,
  length: hex.length / 2,
  linkType,
  data: Buffer.from(hex, 'hex').toString('base64'),
});
const bytesOf = (frame: { readonly data: string } | null): Buffer => {
  if (!frame) throw new Error('the frame was left out');
  return Buffer.from(frame.data, 'base64');
};

const ipv4 = (protocol: number, source: string, destination: string, body: Buffer): Buffer => {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + body.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  Buffer.from(source.split('.').map(Number)).copy(header, 12);
  Buffer.from(destination.split('.').map(Number)).copy(header, 16);
  header.writeUInt16BE(checksumOf(header), 10);
  return Buffer.concat([header, body]);
};

const ethernet = (type: string, body: Buffer) => frameOf(`aabbccddee01aabbccddee02${type}${body.toString('hex')}`);

test('a checksum brought up to date is the one computed anew', () => {
  const before = Buffer.from('c0a80002cb007105', 'hex');
  const after = Buffer.from('c0a84002c6128101', 'hex');
  const rest = Buffer.from('450000540001000040010000', 'hex');
  expect(updateChecksum(checksumOf(Buffer.concat([rest, before])), before, after)).toBe(
    checksumOf(Buffer.concat([rest, after])),
  );
});

describe('frames recorded in a practice network', () => {
  const run = storedRun('nf-reject-host-prohibited');
  const frames = run.evidence?.frames ?? [];
  const book = bookOf('192.168.0.1', '192.168.0.2', '203.0.113.5');

  test('there are requests and ICMP errors', () => {
    expect(frames.length).toBeGreaterThan(10);
  });

  test.each(frames.map((frame, index) => [index, frame] as const))(
    'frame %i keeps right checksums and no original address',
    (_index, frame) => {
      const bytes = bytesOf(redactFrame(frame, book));
      expect(bytes.includes(Buffer.from([203, 0, 113, 5]))).toBe(false);
      expect(bytes.includes(Buffer.from([192, 168, 0]))).toBe(false);
      expect(checksumOf(bytes.subarray(14, 34))).toBe(0);
      expect(checksumOf(bytes.subarray(34))).toBe(0);
    },
  );
});

test('ARP: both ends get their aliases', () => {
  const arp = `000108000604000102${'0203040506'}c0a80001${'000000000000'}c0a80002`;
  const bytes = bytesOf(redactFrame(ethernet('0806', Buffer.from(arp, 'hex')), bookOf('192.168.0.1', '192.168.0.2')));
  expect([...bytes.subarray(28, 32)]).toEqual([192, 168, 64, 1]);
  expect([...bytes.subarray(38, 42)]).toEqual([192, 168, 64, 2]);
  expect(bytes.toString('hex', 32, 38)).toBe('000000000000');
  expect(bytes.toString('hex')).not.toContain('0203040506');
});

test('TCP: the checksum covers the new addresses, and payload is left out', () => {
  const tcp = Buffer.from(`1f90${'0050'}00000001000000005002faf0${'0000'}0000`, 'hex');
  const payload = Buffer.from('GET /secret');
  const pseudo = (addresses: string) =>
    Buffer.concat([Buffer.from(addresses, 'hex'), Buffer.from([0, 6, 0, tcp.length + payload.length])]);
  const padded = Buffer.concat([tcp, payload, Buffer.alloc(1)]);
  tcp.writeUInt16BE(checksumOf(Buffer.concat([pseudo('c0a80002cb007105'), padded])), 16);
  const frame = ethernet('0800', ipv4(6, '192.168.0.2', '203.0.113.5', Buffer.concat([tcp, payload])));
  const bytes = bytesOf(redactFrame(frame, bookOf('192.168.0.2', '203.0.113.5')));
  expect(bytes.includes('secret')).toBe(false);
  const after = bytes.toString('hex', 26, 34);
  expect(after).not.toBe('c0a80002cb007105');
  const header = bytes.subarray(34);
  expect(checksumOf(Buffer.concat([pseudo(after), header, payload, Buffer.alloc(1)]))).toBe(0);
});

test('a DNS query loses the name that it asks for', () => {
  const udp = Buffer.concat([Buffer.from('c0000035001c0000', 'hex'), Buffer.from('\x00\x01corp-secret\x00')]);
  const bytes = bytesOf(
    redactFrame(ethernet('0800', ipv4(17, '192.168.0.2', '203.0.113.5', udp)), bookOf('192.168.0.2', '203.0.113.5')),
  );
  expect(bytes.includes('secret')).toBe(false);
  expect(bytes.readUInt16BE(40)).toBe(0);
});

test('neighbour solicitation: target, group address and link-layer option follow the aliases', () => {
  const target = Buffer.from('20010db8000100000000000000abcdef', 'hex');
  const icmp = Buffer.concat([Buffer.from('8700000000000000', 'hex'), target, Buffer.from('0101aabbccddee02', 'hex')]);
  const source = Buffer.from('20010db8000100000000000000000005', 'hex');
  const group = Buffer.from('ff0200000000000000000001ffabcdef', 'hex');
  const pseudo = (addresses: Buffer) => Buffer.concat([addresses, Buffer.from([0, 0, 0, icmp.length, 0, 0, 0, 58])]);
  icmp.writeUInt16BE(checksumOf(Buffer.concat([pseudo(Buffer.concat([source, group])), icmp])), 2);
  const header = Buffer.from(`6000000000${icmp.length.toString(16)}3aff`, 'hex');
  const frame = frameOf(`3333ffabcdefaabbccddee0286dd${Buffer.concat([header, source, group, icmp]).toString('hex')}`);
  const book = bookOf('2001:db8:1::ab:cdef', '2001:db8:1::5');
  const bytes = bytesOf(redactFrame(frame, book));
  expect(bytes.toString('hex')).not.toContain('20010db8');
  expect(bytes.toString('hex')).not.toContain('abcdef');
  expect(bytes.toString('hex', 3, 6)).toBe(bytes.toString('hex', 51, 54));
  expect(bytes.toString('hex', 75, 78)).toBe(bytes.toString('hex', 51, 54));
  expect(checksumOf(Buffer.concat([pseudo(bytes.subarray(22, 54)), bytes.subarray(54)]))).toBe(0);
});

test.each([
  ['IP options may hold addresses', '4600001c00000000400100000a0000010a000002'],
  ['an unknown EtherType', ''],
])('%s: the frame is left out', (_why, hex) => {
  const frame =
    hex === ''
      ? frameOf(`aabbccddee01aabbccddee0288cc${'00'.repeat(40)}`)
      : ethernet('0800', Buffer.from(hex + '00'.repeat(20), 'hex'));
  expect(redactFrame(frame, bookOf())).toBeNull();
});

test('frames cut anywhere never throw', () => {
  const book = bookOf('192.168.0.2', '203.0.113.5');
  for (const frame of storedRun('nf-reject-host-prohibited').evidence?.frames ?? []) {
    const whole = Buffer.from(frame.data, 'base64');
    for (let length = 0; length < whole.length; length += 1)
      expect(() => redactFrame({ ...frame, data: whole.subarray(0, length).toString('base64') }, book)).not.toThrow();
  }
});
