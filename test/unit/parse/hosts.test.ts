import { expect, test } from 'vitest';
import { parseHosts } from '../../../src/parse/hosts.js';

test('each address has its names in lower case; comments and what is no address are left out', () => {
  const text = `# of Docker
127.0.0.1\tlocalhost
192.168.0.1  Host.Docker.Internal gateway # the host
::1 ip6-localhost ip6-loopback
fe00::0
not-an-address name

`;
  expect(parseHosts(text)).toEqual([
    { address: '127.0.0.1', names: ['localhost'] },
    { address: '192.168.0.1', names: ['host.docker.internal', 'gateway'] },
    { address: '::1', names: ['ip6-localhost', 'ip6-loopback'] },
  ]);
});
