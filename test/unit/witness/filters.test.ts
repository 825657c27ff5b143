import { expect, test } from 'vitest';
import { witnessFilters } from '../../../src/witness/filters.js';

test('names each length as it is on every layer, and the protocol of the family', () => {
  expect(witnessFilters([1043], [], 4)).toEqual({
    devices: 'len == 1043 || len == 1057 || len == 1061',
    drops: 'protocol == 2048 || protocol == 33024',
  });
  expect(witnessFilters([1043], [], 6).drops).toContain('34525');
});

test('limits common lengths to the devices of the path', () => {
  expect(witnessFilters([40], ['eth0', "a'b", 'c"d'], 4).devices).toBe(
    `(len == 40 || len == 54 || len == 58) && (name == "eth0" || name == "a'b" || name == 'c"d')`,
  );
});

test.each([[`a'b"c`], ['\ufffd']])('leaves the names out when one cannot be written: %s', (name) => {
  expect(witnessFilters([40], ['eth0', name], 4).devices).toBe('len == 40 || len == 54 || len == 58');
});

test('leaves the names out when the filter would be too long for the kernel', () => {
  const names = Array.from({ length: 200 }, (_, index) => `veth${index}abcdefgh`);
  expect(witnessFilters([40], names, 4).devices).toBe('len == 40 || len == 54 || len == 58');
});
