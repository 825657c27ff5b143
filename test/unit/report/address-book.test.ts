import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressBook } from '../../../src/report/redact/address-book.js';
import {
  contains,
  formatIp,
  formatNetwork,
  type Ip,
  type Network,
  networkOf,
  parseIp,
  parseNetwork,
} from '../../../src/report/redact/ip.js';
import { MacBook } from '../../../src/report/redact/mac-book.js';
import { isKept } from '../../../src/report/redact/ranges.js';
import { replaceTokens } from '../../../src/report/redact/tokens.js';

const NOTHING = { networks: {}, hosts: {}, macs: {} };
const bookOf = (networks: readonly Network[], addresses: readonly Ip[]) =>
  new AddressBook(networks, addresses, NOTHING, new MacBook([], {}, false));
const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed) throw new Error(text);
  return parsed;
};

const v4 = fc
  .tuple(
    fc.constantFrom('10', '172.17', '172.20', '192.168', '100.64', '203.0', '198.51', '198.18', '8.8'),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([start, rest]) => ip([...start.split('.'), ...rest].slice(0, 4).join('.')));
const v6 = fc
  .tuple(
    fc.constantFrom('2001:db8', 'fd12:3456', 'fdaa:1', '2a00:1450'),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 2 }),
    fc.integer({ min: 1, max: 0xffff }),
  )
  .map(([start, [a = 0, b = 0], host]) => ip(`${start}:${a}:${b}::${host.toString(16)}`));
const network = fc.oneof(
  fc
    .tuple(v4, fc.constantFrom(8, 12, 15, 16, 20, 24, 29, 30, 32))
    .map(([address, length]) => networkOf(address, length)),
  fc.tuple(v6, fc.constantFrom(32, 48, 56, 64, 80, 128)).map(([address, length]) => networkOf(address, length)),
);
const everything = fc.record({
  networks: fc.array(network, { maxLength: 8 }),
  addresses: fc.array(fc.oneof(v4, v6), { minLength: 1, maxLength: 12 }),
});

const aliasOf = (book: AddressBook, address: Ip): Ip => ip(book.alias(address));

describe('any set of networks and addresses', () => {
  test('whatever is in a network still is, and whatever is not, is not', () => {
    fc.assert(
      fc.property(everything, ({ networks, addresses }) => {
        const book = bookOf(networks, addresses);
        if (book.strays.length > 0) return;
        for (const place of networks)
          for (const address of addresses) {
            const alias = networkOf(ip(book.network(place)), place.length);
            expect(contains(alias, aliasOf(book, address)), `${formatIp(address)} in ${formatNetwork(place)}`).toBe(
              contains(place, address),
            );
          }
      }),
      { numRuns: 300 },
    );
  });

  test('different addresses get different aliases, and none equals an original', () => {
    fc.assert(
      fc.property(everything, ({ networks, addresses }) => {
        const book = bookOf(networks, addresses);
        const originals = new Set(addresses.map(formatIp));
        const aliases = new Set([...originals].map((text) => book.alias(ip(text))));
        expect(aliases.size).toBe(originals.size);
        for (const alias of aliases) expect(originals.has(alias)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.5',
  '169.254.1.1',
  '::1',
  '::',
  'ff02::1',
  'fe80::1',
  '255.255.0.0',
])('%s is kept', (text) => {
  const book = bookOf([], [ip(text)]);
  expect(book.alias(ip(text))).toBe(text);
  expect(book.used.size).toBe(0);
});

test('addresses made from a MAC follow its alias', () => {
  const book = bookOf([], []);
  const mac = 0x3aabfaca0c93n;
  expect(book.alias(ip('fe80::38ab:faff:feca:c93'))).toBe('fe80::ff:fe00:1');
  expect(book.macs.aliasNumber(mac)).toBe(0x020000000001n);
});

test('a solicited-node address follows the address that it asks for', () => {
  const asked = ip('2001:db8::ab:cdef');
  const book = bookOf([], [asked]);
  const tail = book
    .alias(asked)
    .split(':')
    .slice(-2)
    .map((group) => group.padStart(4, '0'))
    .join('');
  expect(
    book
      .alias(ip('ff02::1:ffab:cdef'))
      .split(':')
      .slice(-2)
      .map((group) => group.padStart(4, '0'))
      .join('')
      .slice(2),
  ).toBe(tail.slice(2));
});

test('an IPv4-mapped address follows its IPv4 address', () => {
  const book = bookOf([parseNetwork('192.168.0.0/24')], [ip('192.168.0.2')]);
  expect(book.alias(ip('::ffff:192.168.0.2'))).toBe('::ffff:c0a8:4002');
});

test('with all networks of a block in use the next private block serves, and with that also in use it is said', () => {
  const docker = Array.from({ length: 16 }, (_, index) => parseNetwork(`172.${16 + index}.0.0/16`));
  const book = bookOf(docker, []);
  const aliases = new Set(docker.map((place) => book.network(place)));
  expect(aliases.size).toBe(16);
  for (const alias of aliases) expect(alias).toMatch(/^10\./);
  expect(book.strays).toEqual([]);
  const limited = bookOf([...docker, parseNetwork('172.16.0.0/12'), parseNetwork('10.0.0.0/8')], []);
  expect(limited.strays).toHaveLength(16);
});

describe('tokens in texts', () => {
  const found = (text: string) => {
    const seen: string[] = [];
    const note = (word: string) => {
      seen.push(word);
      return 'X';
    };
    const shown = replaceTokens(text, {
      mac: () => note('mac'),
      address: (address) => note(formatIp(address)),
      network: (place) => note(formatNetwork(place)),
      word: () => null,
    });
    return { seen, shown };
  };

  test.each([
    ['-s 10.1.2.0/24 -d 10.1.2.3/32', ['10.1.2.0/24', '10.1.2.3']],
    ['10.1.2.3/24', ['10.1.2.0/24', '10.1.2.3']],
    ['172.16.0.0/255.240.0.0', ['172.16.0.0/12', '255.240.0.0']],
    ['{"prefix": {"addr": "10.0.0.0", "len": 8}}', ['10.0.0.0/8']],
    ['192.0.2.1:8080:80', ['192.0.2.1']],
    ['[2001:db8::1]:443', ['2001:db8::1']],
    ['src=2001:db8::1, dst=2001:DB8:0:0::2.', ['2001:db8::1', '2001:db8::2']],
    ['prefix:2001:db8::1:', ['2001:db8::1']],
    ['aa:bb:cc:dd:ee:ff and AA-BB-CC-DD-EE-FF', ['mac', 'mac']],
    ['02:51:07.214 at 12:30', []],
    ['999.1.2.3 and 1.2.3', []],
    ['10.0.0.1-10.0.0.9', ['10.0.0.1', '10.0.0.9']],
  ])('%s', (text, expected) => {
    expect(
      found(text).seen.filter(
        (word) =>
          word === 'mac' || !isKept(ip(word.split('/')[0] ?? '')) || word.includes('/') || expected.includes(word),
      ),
    ).toEqual(expected);
  });

  test('texts without end cost no more than their length', () => {
    const started = performance.now();
    for (const piece of ['a', '1:', '1.', ':', '.', 'aa:', '::1', '1.1.1.1']) found(piece.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
