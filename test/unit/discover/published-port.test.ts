import { expect, test } from 'vitest';
import { publishedPort } from '../../../src/discover/published-port.js';

const at = (destination: string, port = 8080, protocol: 'tcp' | 'udp' = 'tcp') => ({ destination, port, protocol });

test.each([
  ['0.0.0.0:8080->80/tcp', at('198.51.100.10'), 80],
  ['[::]:8080->80/tcp', at('2001:db8::10'), 80],
  ['198.51.100.10:8080->80/tcp', at('198.51.100.10'), 80],
  ['198.51.100.11:8080->80/tcp', at('198.51.100.10'), null],
  ['127.0.0.1:8080->80/tcp', at('198.51.100.10'), null],
  ['0.0.0.0:8081->80/tcp', at('198.51.100.10'), null],
  ['0.0.0.0:8080->53/udp', at('198.51.100.10'), null],
  ['0.0.0.0:8080->53/udp', at('198.51.100.10', 8080, 'udp'), 53],
  ['nonsense', at('198.51.100.10'), null],
])('%s for %o: %s', (published, flow, port) => {
  expect(publishedPort([published], flow)).toBe(port);
});

test('the first that fits counts', () => {
  expect(publishedPort(['127.0.0.1:8080->1/tcp', '0.0.0.0:8080->2/tcp'], at('198.51.100.10'))).toBe(2);
});
