import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { TraceStream } from '../../../src/witness/trace-stream.js';

const line = (at: number, text: string): string => ` ping-1 [000] ..s1. 10.${`${at}`.padStart(6, '0')}: ${text}\n`;
const free = (at: number, skb: string): string =>
  line(at, `kfree_skb: skbaddr=${skb} rx_sk=0 protocol=2048 location=ip_error+0x1/0x2 reason: IP_INADDRERRORS`);
const queue = (at: number, skb: string): string => line(at, `net_dev_queue: dev=eth0 skbaddr=${skb} len=1057`);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('keeps only drops of packets that were seen at a device, once each', () => {
  const onDrop = vi.fn();
  const stream = new TraceStream(onDrop);
  stream.push(bytes(free(1, 'aa') + queue(2, 'bb') + free(3, 'cc') + free(4, 'bb') + free(5, 'bb')));
  expect(stream.events.map(({ kind, skb, clockUs }) => [kind, skb, clockUs])).toEqual([
    ['queue', 'bb', 10_000_002],
    ['free', 'bb', 10_000_004],
  ]);
  expect(onDrop).toHaveBeenCalledTimes(1);
});

test('reads the same in whatever pieces the text comes', () => {
  const text = bytes(
    `${queue(1, 'aa')}CPU:0 [LOST 7 EVENTS]\ngärbage\n${free(2, 'aa')}${line(3, 'tracing_mark_write: settle 1')}`,
  );
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const stream = new TraceStream();
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      for (const [index, end] of places.entries()) stream.push(text.slice(places[index - 1] ?? 0, end));
      expect(stream.events).toHaveLength(2);
      expect(stream.lost).toBe(7);
      expect(stream.marker).toBe('settle 1');
    }),
  );
});

test('counts a loss of unknown size as one', () => {
  const stream = new TraceStream();
  stream.push(bytes('CPU:3 [LOST EVENTS]\n'));
  expect(stream.lost).toBe(1);
});

test('does not grow without bound, and says so', () => {
  const stream = new TraceStream();
  for (let block = 0; block < 60; block += 1)
    stream.push(bytes(Array.from({ length: 1000 }, (_, i) => queue(i, (block * 1000 + i).toString(16))).join('')));
  expect(stream.events.length).toBe(50_000);
  expect(stream.lost).toBe(10_000);
  stream.push(bytes('x'.repeat(10_000)));
  stream.push(bytes(`\n${free(1, '0')}`));
  expect(stream.events.length).toBe(50_000);
});

/** Composed from the documented format of the stacktrace trigger and the `format` file of Linux 5.4. */
const stack = (cpu: number, ...names: string[]): string =>
  ` ping-1 [00${cpu}] ..s1 10.000009: <stack trace>\n${names.map((name) => ` => ${name}\n`).join('')}`;
const oldFree = (skb: string): string => line(4, `kfree_skb: skbaddr=${skb} protocol=2048 location=000000003c1f3a5e`);

test('gives each drop the stack that follows it on the same processor', () => {
  const stream = new TraceStream();
  const other = queue(5, 'ee').replace('[000]', '[001]');
  stream.push(bytes(queue(1, 'aa') + oldFree('aa') + other + stack(0, 'kfree_skb', 'ip_error', 'ip_rcv')));
  expect(stream.events[1]).toMatchObject({ kind: 'free', frames: ['kfree_skb', 'ip_error', 'ip_rcv'] });
});

test.each([
  ['of another processor', (text: string) => text + stack(1, 'ip_error')],
  ["of somebody else's drop", (text: string) => text + free(6, 'ff') + stack(0, 'ip_error')],
  ['of another event', (text: string) => text + queue(6, 'ff') + stack(0, 'ip_error')],
  ['without a beginning', (text: string) => `${text} => ip_error\n`],
])('takes no stack %s', (_, after) => {
  const stream = new TraceStream();
  stream.push(bytes(after(queue(1, 'aa') + oldFree('aa'))));
  expect(stream.events[1]).toMatchObject({ kind: 'free', frames: [] });
});

test("a drop in the probe's own system call is kept before the kernel knows its name", () => {
  const stream = new TraceStream();
  const drop = 'kfree_skb: skbaddr=00000000aa protocol=2048 location=nft_do_chain+0x1/0x2 reason: NETFILTER_DROP';
  for (const task of ['ping', '<...>', 'nginx'])
    stream.push(Buffer.from(` ${task}-77 [001] ..... 10.000001: ${drop}\n`));
  expect(stream.events).toHaveLength(2);
});
