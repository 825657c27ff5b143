import type { Family } from './flow.js';

/** Types that probes, their recognition and the walks need. @see RFC 792, RFC 4443 */
export const ICMP_TYPE = {
  4: { request: 8, reply: 0, errors: [3, 4, 5, 11, 12] },
  6: { request: 128, reply: 129, errors: [1, 2, 3, 4] },
} as const satisfies Record<Family, { request: number; reply: number; errors: readonly number[] }>;

/** Whether a type is an error, which quotes the packet that it is about. */
export const isIcmpError = (family: Family, type: number): boolean =>
  (ICMP_TYPE[family].errors as readonly number[]).includes(type);

/** That nobody takes a datagram at its port. @see RFC 792, RFC 4443 §3.1 */
export const PORT_UNREACHABLE = { 4: { type: 3, code: 3 }, 6: { type: 1, code: 4 } } as const satisfies Record<
  Family,
  { type: number; code: number }
>;

/** A router's word that a packet is too big. @see RFC 792 (fragmentation needed), RFC 4443 §3.2 */
export const TOO_BIG = { 4: { type: 3, code: 4 }, 6: { type: 2, code: 0 } } as const satisfies Record<
  Family,
  { type: number; code: number }
>;

export const isTooBigWord = (
  family: Family,
  { type, code }: { readonly type: number; readonly code: number },
): boolean => type === TOO_BIG[family].type && code === TOO_BIG[family].code;
