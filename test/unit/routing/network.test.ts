import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseNetwork } from '../../../src/routing/network.js';

describe('addresses as numbers', () => {
  it('are read digit by digit', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        const value = bytes.reduce((before, one) => before * 256n + BigInt(one), 0n);
        expect(parseAddress(bytes.join('.'))).toEqual({ family: 4, value });
      }),
    );
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '1..2.3', '.1.2.3', '1.2.3.', '256.1.1.1', '1.2.3.4x', '1.2.3.-4', ' 1.2.3.4'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );

  it('of IPv6 may name a zone, and a network has its length', () => {
    expect(parseAddress('fe80::1%eth0')).toEqual(parseAddress('fe80::1'));
    expect(parseNetwork('10.0.0.0/8')).toEqual({ family: 4, value: 0x0a000000n, length: 8 });
    expect(['10.0.0.0/33', '10.0.0.0/x', 'x/8'].map(parseNetwork)).toEqual([null, null, null]);
  });
});
