import { expect, test } from 'vitest';
import type { ListeningSocket } from '../../../src/model/state.js';
import type { HookPacket } from '../../../src/netfilter/types.js';
import { serviceFor } from '../../../src/routing/service.js';

const packetTo = (destination: string, destinationPort: number | null, protocol: 'icmp' | 'tcp' | 'udp' = 'tcp') =>
  ({ protocol, destination, destinationPort }) as HookPacket;

const on = (address: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): ListeningSocket => ({
  protocol,
  address,
  port,
});

test.each([
  ['0.0.0.0', '172.17.0.2', 'yes'],
  ['*', '172.17.0.2', 'yes'],
  ['*', '2001:db8::2', 'yes'],
  ['::', '2001:db8::2', 'yes'],
  ['172.17.0.2', '172.17.0.2', 'yes'],
  ['::ffff:172.17.0.2', '172.17.0.2', 'yes'],
  ['2001:db8:0::2', '2001:db8::2', 'yes'],
  ['127.0.0.1', '172.17.0.2', 'elsewhere'],
  ['0.0.0.0', '2001:db8::2', 'elsewhere'],
  ['::', '172.17.0.2', 'elsewhere'],
])('a socket on %s and a packet to %s: %s', (listening, destination, listens) => {
  expect(serviceFor([on(listening, 80)], packetTo(destination, 80))?.listens).toBe(listens);
});

test('sockets of other ports and protocols do not count, but the open ones are named', () => {
  const sockets = [on('0.0.0.0', 443), on('127.0.0.1', 8080), on('0.0.0.0', 80, 'udp'), on('172.17.0.2', 22)];
  expect(serviceFor(sockets, packetTo('172.17.0.2', 80))).toEqual({
    protocol: 'tcp',
    address: '172.17.0.2',
    port: 80,
    listens: 'no',
    on: [],
    otherPorts: [22, 443],
  });
});

test('an echo asks no socket', () => {
  expect(serviceFor([], packetTo('172.17.0.2', null, 'icmp'))).toBeNull();
});
