import { expect, test } from 'vitest';
import { headersEnd } from '../../../src/capture/decode.js';

const ETHERNET = 1;
const MACS = '020000000002020000000001';
const SECRET = Buffer.from('dearest-diary').toString('hex');

const hex = (value: number, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');

const ipv4 = (protocol: number, payload: string, fragment = 0): string =>
  `45000014${hex(1, 2)}${hex(fragment, 2)}40${hex(protocol, 1)}0000c0a80002cb007105`.replace(
    '45000014',
    `4500${hex(20 + payload.length / 2, 2)}`,
  ) + payload;

const ipv6 = (next: number, payload: string): string =>
  `60000000${hex(payload.length / 2, 2)}${hex(next, 1)}40${'20010db8'.padEnd(32, '0')}${'20010db8'.padEnd(32, '1')}${payload}`;

const udp = `9c400035${hex(8 + SECRET.length / 2, 2)}0000`;
/** 20 bytes of header and 12 of options. */
const tcp = `9c40005000000001000000018018ffff00000000${'01010800000000000000000a'.slice(0, 24)}`;

const frame = (type: string, network: string, vlan = ''): Buffer =>
  Buffer.from(`${MACS}${vlan}${type}${network}`, 'hex');

test.each([
  ['UDP', frame('0800', ipv4(17, udp + SECRET)), 14 + 20 + 8],
  ['TCP with options', frame('0800', ipv4(6, tcp + SECRET)), 14 + 20 + 32],
  ['UDP over IPv6', frame('86dd', ipv6(17, udp + SECRET)), 14 + 40 + 8],
  ['TCP behind a VLAN tag', frame('0800', ipv4(6, tcp + SECRET), '81000005'), 18 + 20 + 32],
])('%s: nothing of the payload', (_, bytes, end) => {
  expect(headersEnd(bytes, ETHERNET)).toBe(end);
  expect(bytes.includes('dearest-diary', end)).toBe(true);
  expect(bytes.subarray(0, end).includes('dearest')).toBe(false);
});

test.each([
  ['an ICMP echo, whose payload is ours', frame('0800', ipv4(1, '0800000000010001deadbeef'))],
  ['ARP', frame('0806', `0001080006040001${'00'.repeat(20)}`)],
  ['TCP that is cut in its header', frame('0800', ipv4(6, tcp.slice(0, 24)))],
  ['a frame that is cut short', frame('0800', '45')],
])('%s: the whole frame', (_, bytes) => {
  expect(headersEnd(bytes, ETHERNET)).toBe(bytes.length);
});
