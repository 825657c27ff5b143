import { expect, test } from 'vitest';
import type { FreeEvent } from '../../../src/witness/events.js';
import { dropFunction, functionOf } from '../../../src/witness/functions.js';
import { isHarmless } from '../../../src/witness/healthy.js';
import { dropReason, reasonsOfFormat } from '../../../src/witness/reasons.js';
import { droppingFunction, hookOf } from '../../../src/witness/stacks.js';

test('explains reasons with the kernel that has them first', () => {
  expect(dropReason('IP_RPFILTER')).toMatchObject({ since: '5.18', words: expect.stringContaining('reverse path') });
  expect(dropReason('NO_SOCKET')?.since).toBe('5.17');
});

test.each(['0x20001', '__proto__', 'toString', ''])('does not know %j', (name) => {
  expect(dropReason(name)).toBeNull();
});

test("reads the reasons of a kernel's format file", () => {
  const format = `print fmt: "skbaddr=%p reason: %s", REC->skbaddr, __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" }, { 128, "MAX" })`;
  expect([...reasonsOfFormat(format)]).toEqual([
    ['NOT_SPECIFIED', 2],
    ['NO_SOCKET', 3],
  ]);
  expect(reasonsOfFormat('print fmt: "skbaddr=%p protocol=%u location=%p", REC->skbaddr').size).toBe(0);
});

test.each([
  ['ip_error+0x94/0x210', 'ip_error'],
  ['__netif_receive_skb_core.constprop.0+0x1/0x2', '__netif_receive_skb_core'],
  ['ip_fragment.constprop.0.isra.0+0x1/0x2', 'ip_fragment'],
  ['br_nf_dev_queue_xmit+0x1/0x2 [br_netfilter]', 'br_nf_dev_queue_xmit'],
  ['tcp_v4_rcv', 'tcp_v4_rcv'],
])('names the function of %s', (location, name) => {
  expect(functionOf(location)).toBe(name);
});

test('knows where functions belong', () => {
  expect(dropFunction('ip_error')?.stages).toEqual(['route']);
  expect(dropFunction('neigh_invalidate')?.stages).toEqual(['neighbour']);
  expect(dropFunction('constructor')).toBeNull();
});

const free = (location: string, reason: string | null): FreeEvent => ({
  kind: 'free',
  clockUs: 0,
  cpu: 0,
  skb: 'aa',
  protocol: 2048,
  location,
  reason,
  sender: null,
  frames: [],
});

test('knows what a healthy network throws away', () => {
  expect(isHarmless(free('ping_rcv+0xab/0xd0', 'NO_SOCKET'))).toBe(true);
  expect(isHarmless(free('ping_rcv+0xab/0xd0', null))).toBe(true);
  expect(isHarmless(free('tcp_v4_rcv+0x1/0x2', 'NOT_SPECIFIED'))).toBe(true);
  expect(isHarmless(free('tcp_v4_rcv+0x1/0x2', 'NO_SOCKET'))).toBe(false);
  expect(isHarmless(free('nft_do_chain+0x1/0x2', 'NETFILTER_DROP'))).toBe(false);
  expect(isHarmless(free('__proto__', null))).toBe(false);
});

/** Recorded on Linux 6.18. */
const FRAMES = ['trace_event_raw_event_kfree_skb', 'sk_skb_reason_drop', 'nft_do_chain', 'nft_do_chain_ipv4'];

test('finds the function in the stack where the kernel prints an address', () => {
  const old = free('000000003c1f3a5e', null);
  expect(droppingFunction(old)).toBe('unknown');
  expect(droppingFunction({ ...old, frames: FRAMES })).toBe('nft_do_chain');
  expect(droppingFunction({ ...old, frames: ['0xffffffffc0a1b2c3', 'kfree_skb'] })).toBe('unknown');
  expect(droppingFunction({ ...free('ip_error+0x94/0x210', null), frames: FRAMES })).toBe('ip_error');
});

test('finds the hook in the stack', () => {
  const drop = free('nft_do_chain+0x3e8/0x610', 'NETFILTER_DROP');
  expect(hookOf(drop)).toBeNull();
  expect(hookOf({ ...drop, frames: [...FRAMES, 'nf_hook_slow', 'ip_forward', 'ip_rcv'] })).toBe('forward');
  expect(hookOf({ ...drop, frames: [...FRAMES, 'nf_hook_slow', 'ip_output', 'ip_forward'] })).toBe('postrouting');
});
