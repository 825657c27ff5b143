import { expect, test } from 'vitest';
import { ParseError } from '../../../src/parse/parse-error.js';
import { parseAllowedIps } from '../../../src/parse/wg-show.js';

const KEY = `${'A'.repeat(43)}=`;

test('networks of each peer, without its key', () => {
  const text = `wg0\t${KEY}\t10.42.1.0/24 fd00:42:1::/64\nwg0\t${KEY}\t(none)\nwg1\t${KEY}\t0.0.0.0/0\n`;
  expect(parseAllowedIps(text)).toEqual([
    { device: 'wg0', networks: ['10.42.1.0/24', 'fd00:42:1::/64'] },
    { device: 'wg0', networks: [] },
    { device: 'wg1', networks: ['0.0.0.0/0'] },
  ]);
  expect(parseAllowedIps('')).toEqual([]);
});

test.each(['wg0', `wg0\t${KEY}`, `wg0\t${KEY}\tnonsense`, `wg0\t${KEY}\t`, `\t${KEY}\t(none)`])(
  'refuses %j',
  (line) => {
    expect(() => parseAllowedIps(line)).toThrow(ParseError);
  },
);
