import type { FreeEvent } from './events.js';
import { droppingFunction } from './stacks.js';

/**
 * Events of a healthy network that look like drops, by function; with a reason where only that one is harmless. Each echo
 * reply is offered to the ping sockets after the raw socket has got its copy; reports of multicast groups find no
 * listener; what is left in a socket or queue goes with it.
 */
const HARMLESS: Readonly<Record<string, readonly string[] | 'any'>> = {
  ping_rcv: 'any',
  igmp_rcv: 'any',
  ip_mc_output: 'any',
  ip6_mc_input: 'any',
  stp_pdu_rcv: 'any',
  inet_sock_destruct: 'any',
  sk_stream_kill_queues: 'any',
  skb_queue_purge_reason: 'any',
  tcp_v4_do_rcv: ['TCP_ABORT_ON_DATA'],
  tcp_v6_do_rcv: ['TCP_ABORT_ON_DATA'],
  tcp_v4_rcv: ['NOT_SPECIFIED'],
  tcp_v6_rcv: ['NOT_SPECIFIED'],
};

/** Whether a drop event is part of a healthy network's life. */
export const isHarmless = (freed: FreeEvent): boolean => {
  const name = droppingFunction(freed);
  const reasons = Object.hasOwn(HARMLESS, name) ? HARMLESS[name] : undefined;
  return reasons === 'any' || (reasons?.includes(freed.reason ?? 'NOT_SPECIFIED') ?? false);
};
