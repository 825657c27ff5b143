import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTraceLine } from '../../../src/witness/events.js';

/** Composed from the documented output format and the events' `format` files of each kernel; only 6.18 is recorded. */
const RECEIVE: readonly (readonly [kernel: string, line: string, skb: string])[] = [
  [
    '4.18',
    '          <idle>-0     [001] ..s1   123.456789: netif_receive_skb: dev=br0 skbaddr=00000000c4f936a3 len=1043',
    '00000000c4f936a3',
  ],
  [
    '5.4',
    '            ping-4242  [001] ..s.   123.456789: netif_receive_skb: dev=br0 skbaddr=00000000c4f936a3 len=1043',
    '00000000c4f936a3',
  ],
  [
    '5.15',
    '            ping-4242    [001] ..s1.   123.456789: netif_receive_skb: dev=br0 skbaddr=ffff8881045c9e00 len=1043',
    'ffff8881045c9e00',
  ],
  [
    '6.18',
    '            ping-23616   [001] .Ns1.   123.456789: netif_receive_skb: dev=br0 skbaddr=ffff8881045c9e00 len=1043',
    'ffff8881045c9e00',
  ],
];

test.each(RECEIVE)('reads a packet at a device as Linux %s prints it', (_, line, skb) => {
  expect(parseTraceLine(line)).toEqual({
    type: 'event',
    event: { kind: 'receive', clockUs: 123_456_789, cpu: 1, skb, device: 'br0', length: 1043, sender: null },
  });
});

const FREE: readonly (readonly [kernel: string, text: string, location: string, reason: string | null])[] = [
  ['4.18', 'skbaddr=00000000c4f936a3 protocol=2048 location=000000003c1f3a5e', '000000003c1f3a5e', null],
  [
    '5.17',
    'skbaddr=00000000c4f936a3 protocol=2048 location=ffffffff81a2b3c4 reason: NO_SOCKET',
    'ffffffff81a2b3c4',
    'NO_SOCKET',
  ],
  [
    '6.8',
    'skbaddr=00000000c4f936a3 protocol=2048 location=ip_error+0x94/0x210 reason: IP_INADDRERRORS',
    'ip_error+0x94/0x210',
    'IP_INADDRERRORS',
  ],
  [
    '6.18',
    'skbaddr=00000000c4f936a3 rx_sk=0000000000000000 protocol=2048 location=br_nf_forward+0x1/0x2 [br_netfilter] reason: NETFILTER_DROP',
    'br_nf_forward+0x1/0x2 [br_netfilter]',
    'NETFILTER_DROP',
  ],
  [
    '6.18 with a reason of a module',
    'skbaddr=00000000c4f936a3 rx_sk=0000000000000000 protocol=34525 location=x+0x1/0x2 reason: 0x20001',
    'x+0x1/0x2',
    '0x20001',
  ],
];

test.each(FREE)('reads a drop as Linux %s prints it', (_, text, location, reason) => {
  const read = parseTraceLine(`            ping-1 [000] ..s1.  3021.909039: kfree_skb: ${text}`);
  expect(read).toMatchObject({ type: 'event', event: { kind: 'free', skb: '00000000c4f936a3', location, reason } });
});

test('reads a transmission with its result', () => {
  const line = ' ping-23616 [000] bNs1. 1.000002: net_dev_xmit: dev=eth0 skbaddr=ffff8881045c9e00 len=1057 rc=0';
  expect(parseTraceLine(line)).toMatchObject({
    event: { kind: 'xmit', clockUs: 1_000_002, device: 'eth0', length: 1057 },
  });
});

test('knows who sent a packet where its system call brings it to the device, and not where an interrupt does', () => {
  const queue = (flags: string): string =>
    `            ping-23619   [000] ${flags}  3021.908991: net_dev_queue: dev=eth0 skbaddr=ffff8881045c9e00 len=1057`;
  expect(parseTraceLine(queue('b....'))).toMatchObject({ event: { kind: 'queue', sender: 23619 } });
  expect(parseTraceLine(queue('b.s1.'))).toMatchObject({ event: { kind: 'queue', sender: null } });
});

test('reads an address with 0x, a thread group and a line without flags', () => {
  const line = ' a b-c-77 (     77) [012] 9.000001: net_dev_queue: dev=wg"0\' skbaddr=0xffff len=9';
  expect(parseTraceLine(line)).toMatchObject({ event: { kind: 'queue', cpu: 12, skb: 'ffff', device: 'wg"0\'' } });
});

test('counts what the kernel had no room for', () => {
  expect(parseTraceLine('CPU:1 [LOST 1748 EVENTS]')).toEqual({ type: 'lost', count: 1748 });
  expect(parseTraceLine('CPU:0 [LOST EVENTS]')).toEqual({ type: 'lost', count: 0 });
});

test('reads a marker', () => {
  const line = '           <...>-30986   [001] ...1.  3122.610806: tracing_mark_write: settle 3';
  expect(parseTraceLine(line)).toEqual({ type: 'marker', text: 'settle 3' });
});

test.each([
  '',
  '# tracer: nop',
  'CPU:1 [LOST -3 EVENTS]',
  ' x-1 [000] ..s1. 1.000000: kfree_skb: skbaddr=(____ptrval____) protocol=2048 location=x',
  ' x-1 [000] ..s1. 1.000000: net_dev_queue: dev=eth0 skbaddr=ffff',
  ' x-1 [000] ..s1. 1.000000: netif_rx: dev=eth0 skbaddr=ffff len=1',
  ' x-1 [000] ..s1. 1.0: net_dev_queue: dev=eth0 skbaddr=ffff len=1',
])('takes no other line: %s', (line) => {
  expect(parseTraceLine(line)).toBeNull();
});

test('is not misled by the name of a task', () => {
  const line = ' a-1 [9] 1: b-4242 [001] ..s1. 2.000000: net_dev_queue: dev=eth0 skbaddr=ff len=1';
  expect(parseTraceLine(line)).toMatchObject({ event: { cpu: 1, clockUs: 2_000_000 } });
});

test('never throws and is never slow', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 4096, unit: fc.constantFrom('-', '1', ' ', '[', ']', ':', '.', 'a', '(') }),
      (line) => {
        parseTraceLine(line);
      },
    ),
    { numRuns: 200 },
  );
});
