import { describe, expect, test } from 'vitest';
import { parseProxyEnvironment } from '../../../src/parse/proxy-environment.js';

const environ = (...entries: readonly string[]): string => `${['PATH=/bin', ...entries].join('\0')}\0`;
const asked = { names: ['203.0.113.5', 'shop.example.org'] };
const read = (...entries: readonly string[]) => parseProxyEnvironment(environ(...entries), asked);

describe('proxies', () => {
  test.each([
    ['http://127.0.0.1:3128', { address: '127.0.0.1', port: 3128 }],
    ['127.0.0.1:3128', { address: '127.0.0.1', port: 3128 }],
    ['http://localhost:8080/', { address: '127.0.0.1', port: 8080 }],
    ['socks5h://[::1]:1080', { address: '::1', port: 1080 }],
    ['http://127.8.9.1:1', { address: '127.8.9.1', port: 1 }],
    ['http://proxy.corp.example:3128', null],
    ['http://192.168.0.1:3128', null],
    ['http://127.0.0.1', null],
    ['nonsense', null],
  ])('%s', (value, place) => {
    expect(read(`http_proxy=${value}`).proxies).toEqual([{ name: 'http_proxy', place }]);
  });

  test('neither users and passwords are kept, nor proxies elsewhere, nor anything else', () => {
    const kept = JSON.stringify(
      read(
        'http_proxy=http://alice:s3cret@127.0.0.1:3128/',
        'https_proxy=http://bob:p@ss:word@proxy.corp.example:3128',
        'NO_PROXY=vault.corp.example',
        'TOKEN=abcdef',
      ),
    );
    expect(JSON.parse(kept)).toEqual({
      proxies: [
        { name: 'http_proxy', place: { address: '127.0.0.1', port: 3128 } },
        { name: 'https_proxy', place: null },
      ],
      isExempt: false,
    });
    for (const secret of ['alice', 's3cret', 'bob', 'ss:word', 'corp', 'vault', 'abcdef'])
      expect(kept).not.toContain(secret);
  });

  test('an empty variable is none', () => {
    expect(read('http_proxy=', 'ALL_PROXY=')).toEqual({ proxies: [], isExempt: false });
  });
});

describe('exemptions', () => {
  test.each([
    ['*', true],
    ['203.0.113.5', true],
    ['203.0.113.0/24', true],
    ['203.0.113.5:80', true],
    ['203.0.113.*', true],
    ['.example.org', true],
    ['example.org', true],
    ['*.example.org', true],
    ['SHOP.example.org', true],
    ['localhost,127.0.0.1 203.0.113.5', true],
    ['localhost,127.0.0.1', false],
    ['203.0.114.0/24', false],
    ['2001:db8::/32', false],
    ['ample.org', false],
    ['example.com', false],
    ['', false],
  ])('%s', (value, isExempt) => {
    expect(read(`no_proxy=${value}`).isExempt).toBe(isExempt);
    expect(read(`NO_PROXY=${value}`).isExempt).toBe(isExempt);
  });
});
