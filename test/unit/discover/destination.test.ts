import { describe, expect, it } from 'vitest';
import { parseDestination } from '../../../src/discover/index.js';
import { KnownError } from '../../../src/model/errors.js';
import { nearNames } from '../../../src/model/near-names.js';

describe('a destination', () => {
  it.each([
    ['203.0.113.5', '203.0.113.5', 4, 'icmp', null],
    ['2001:db8::5', '2001:db8::5', 6, 'icmp', null],
    ['[2001:db8::5]', '2001:db8::5', 6, 'icmp', null],
    ['[2001:db8::5]:443', '2001:db8::5', 6, 'tcp', 443],
    ['203.0.113.5:80', '203.0.113.5', 4, 'tcp', 80],
    ['example.org', 'example.org', null, 'icmp', null],
    ['example.org:443', 'example.org', null, 'tcp', 443],
    ['tcp://203.0.113.5:22', '203.0.113.5', 4, 'tcp', 22],
    ['udp://[2001:db8::5]:53', '2001:db8::5', 6, 'udp', 53],
    ['http://example.org', 'example.org', null, 'tcp', 80],
    ['https://user:secret@example.org:8443/a?b#c', 'example.org', null, 'tcp', 8443],
    ['HTTPS://example.org/', 'example.org', null, 'tcp', 443],
    ['web_1', 'web_1', null, 'icmp', null],
  ])('%s', (spelled, host, family, protocol, port) => {
    expect(parseDestination(spelled)).toEqual({ text: spelled, host, family, protocol, port });
  });

  it.each([
    ['dns://203.0.113.5/example.test', '203.0.113.5', 4, 53],
    ['dns://[2001:db8::5]:5353/example.test', '2001:db8::5', 6, 5353],
    ['dns:///example.test', '', null, 53],
    ['DNS://ns1.example.org/example.test', 'ns1.example.org', null, 53],
  ])('%s asks a DNS server', (spelled, host, family, port) => {
    const dns = { name: 'example.test', type: 'A' };
    expect(parseDestination(spelled)).toEqual({ text: spelled, host, family, protocol: 'udp', port, dns });
  });

  it.each([
    '',
    '203.0.113',
    '203.0.113.500',
    'tcp://203.0.113.5',
    'tcp://203.0.113.5:0',
    'tcp://239.1.2.3:80',
    '[ff0e::1]:80',
    '255.255.255.255:80',
    '203.0.113.5:65536',
    '203.0.113.5:http',
    '[203.0.113.5]:80',
    '2001:db8::5:g',
    'ftp://example.org',
    'dns://203.0.113.5',
    'dns://203.0.113.5/',
    'dns:///a b',
    'a b',
    '-rf',
    'x\u001b[31m',
    '$(id)',
    `${'a'.repeat(64)}.org`,
  ])('refuses %j', (spelled) => {
    expect(() => parseDestination(spelled)).toThrow(KnownError);
    try {
      parseDestination(spelled);
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2 });
      expect((error as KnownError).message).not.toMatch(/[\x00-\x1f]/);
    }
  });
});

describe('near names', () => {
  it('come nearest first', () => {
    expect(nearNames('web', ['web-1', 'wab', 'db', '__proto__', 'webb'])).toEqual(['web-1', 'webb', 'wab']);
    expect(nearNames('', [])).toEqual([]);
  });
});
