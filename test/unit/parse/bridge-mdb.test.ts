import { describe, expect, test } from 'vitest';
import { parseBridgeMdb } from '../../../src/parse/bridge-mdb.js';
import { ParseError } from '../../../src/parse/parse-error.js';

describe('multicast groups of bridges', () => {
  test('a group is of one bridge and port, the bridge itself included; a router port was set or heard', () => {
    const text = JSON.stringify([
      {
        mdb: [
          { index: 2, dev: 'br0', port: 'br0', grp: 'ff02::1:ff00:1', state: 'temp', flags: [] },
          { index: 2, dev: 'br0', port: 'veth1', grp: 'ff02::1:ff00:2', state: 'temp', protocol: 'kernel', flags: [] },
          { index: 3, dev: 'br1', port: 'veth2', grp: '239.1.1.1', src: '192.0.2.1', vid: 10, state: 'permanent' },
        ],
        router: {
          br0: [{ port: 'veth1', timer: ' 250.96', type: 'temp' }],
          br1: [{ port: 'veth2', timer: '   0.00', type: 'permanent' }, { port: 'veth3' }],
        },
      },
    ]);
    expect(parseBridgeMdb(text)).toEqual({
      members: [
        { bridge: 'br0', port: 'br0', group: 'ff02::1:ff00:1' },
        { bridge: 'br0', port: 'veth1', group: 'ff02::1:ff00:2' },
        { bridge: 'br1', port: 'veth2', group: '239.1.1.1' },
      ],
      routers: [
        { bridge: 'br0', port: 'veth1', isSet: false },
        { bridge: 'br1', port: 'veth2', isSet: true },
        { bridge: 'br1', port: 'veth3', isSet: false },
      ],
    });
  });

  test('no bridge, or none that knows a group', () => {
    for (const text of ['', '[]', '[{"mdb":[],"router":{}}]'])
      expect(parseBridgeMdb(text)).toEqual({ members: [], routers: [] });
  });

  test('a row without a group is garbage', () => {
    expect(() => parseBridgeMdb('[{"mdb":[{"dev":"br0","port":"veth1"}]}]')).toThrow(ParseError);
    expect(() => parseBridgeMdb('[{"mdb":')).toThrow(ParseError);
  });
});
