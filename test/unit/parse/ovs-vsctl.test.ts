import { describe, expect, test } from 'vitest';
import { parseOvsPorts } from '../../../src/parse/ovs-vsctl.js';
import { ParseError } from '../../../src/parse/parse-error.js';

const table = (headings: readonly string[], data: readonly unknown[]): string =>
  `${JSON.stringify({ data, headings })}\n`;
const none = ['set', []];

const bridges = (...data: readonly unknown[]) => table(['name', 'ports'], data);
const ports = (...data: readonly unknown[]) => table(['_uuid', 'name', 'tag', 'trunks'], data);

describe('ports of Open vSwitch', () => {
  test('several ports of a bridge are a set, a single one is not; so are tags and trunks', () => {
    const text =
      bridges(
        [
          'br-int',
          [
            'set',
            [
              ['uuid', 'a'],
              ['uuid', 'b'],
              ['uuid', 'c'],
            ],
          ],
        ],
        ['br-ex', ['uuid', 'd']],
      ) +
      ports(
        [['uuid', 'b'], 'qvo1', 4095, none],
        [['uuid', 'a'], 'br-int', none, none],
        [['uuid', 'c'], 'patch', none, ['set', [10, 20]]],
        [['uuid', 'd'], 'br-ex', none, 30],
        [['uuid', 'e'], 'gone', none, none],
      );
    expect(parseOvsPorts(text)).toEqual([
      { bridge: 'br-int', ifname: 'br-int', tag: null, trunks: [] },
      { bridge: 'br-int', ifname: 'qvo1', tag: 4095, trunks: [] },
      { bridge: 'br-int', ifname: 'patch', tag: null, trunks: [10, 20] },
      { bridge: 'br-ex', ifname: 'br-ex', tag: null, trunks: [30] },
    ]);
  });

  test('no bridge has no ports', () => {
    expect(parseOvsPorts(bridges() + ports())).toEqual([]);
  });

  test.each(['ovs-vsctl: no bridge', '{"data": 1}', '[]'])('%s is refused', (text) => {
    expect(() => parseOvsPorts(text)).toThrow(ParseError);
  });
});
