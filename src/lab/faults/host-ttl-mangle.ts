import type { Fault } from '../fault.js';

export const hostTtlMangle: Fault = {
  id: 'host-ttl-mangle',
  title: 'a rule sets the TTL to 1',
  topology: 'textbook',
  break: ['iptables -t mangle -A PREROUTING -i br0 -j TTL --ttl-set 1'],
  undo: ['iptables -t mangle -D PREROUTING -i br0 -j TTL --ttl-set 1'],
  expect: { cause: ['host-ttl-mangle', 'host-ttl'], link: ['bridge', 'uplink'], way: 'forward' },
};
