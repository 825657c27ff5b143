import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/capture/decode.js';
import { CONTEXT } from '../helpers/pcap-fixture.js';

const RAW = 101;

const decoded = (hex: string) => {
  const bytes = Buffer.from(hex, 'hex');
  return decode({ epochNs: CONTEXT.startedNs, length: bytes.length, bytes }, RAW, CONTEXT);
};

/** A SYN from 192.168.0.2 to 203.0.113.5, without data and with an odd byte of it; and one of IPv6. */
const SYNS = {
  right: [
    '4500002c0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0000d0000020405b4',
    '4500002d0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0880b0000020405b478',
    '600000000018064020010db800010000000000000000000220010db80000000000000000000000059c400050000003e8000000006002faf0a1430000020405b4',
  ],
  partial: [
    '4500002c0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0fcce0000020405b4',
    '4500002d0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0fccf0000020405b478',
    '600000000018064020010db800010000000000000000000220010db80000000000000000000000059c400050000003e8000000006002faf05b980000020405b4',
  ],
  wrong: [
    '4500002c0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0dead0000020405b4',
    '4500002d0001400040060000c0a80002cb0071059c400050000003e8000000006002faf0dead0000020405b478',
    '600000000018064020010db800010000000000000000000220010db80000000000000000000000059c400050000003e8000000006002faf0dead0000020405b4',
  ],
};

describe('the checksum of a SYN', () => {
  test.each(SYNS.right)('is right: %s', (hex) => {
    expect(decoded(hex).tcp?.flags).toEqual(['SYN']);
    expect(decoded(hex).tcp).not.toHaveProperty('badChecksum');
  });

  test.each(SYNS.partial)('is for the device to finish, which is normal: %s', (hex) => {
    expect(decoded(hex).tcp).not.toHaveProperty('badChecksum');
  });

  test.each(SYNS.wrong)('is wrong: %s', (hex) => {
    expect(decoded(hex).tcp?.badChecksum).toBe(true);
  });

  test('is not judged where the capture cut the segment, nor in other segments', () => {
    const [syn = ''] = SYNS.wrong;
    expect(decoded(syn.slice(0, -2)).tcp).not.toHaveProperty('badChecksum');
    const acknowledgement = Buffer.from(syn, 'hex');
    acknowledgement.writeUInt8(0x10, 33);
    expect(decoded(acknowledgement.toString('hex')).tcp).toMatchObject({ flags: ['ACK'] });
    expect(decoded(acknowledgement.toString('hex')).tcp).not.toHaveProperty('badChecksum');
  });
});
