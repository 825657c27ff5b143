import type { Stage } from '../model/path.js';
import type { FreeEvent } from './events.js';
import { functionOf } from './functions.js';

/** What frees a packet and what writes the event: the function that decided comes after them. */
const PLUMBING =
  /^(?:__traceiter_|trace_|perf_trace_|__bpf_trace_|event_triggers_|stack_trace|.*kfree_skb|sk_skb_reason_drop|kfree_rtskb)/;

/** An address that the kernel did not turn into a name. */
const ADDRESS = /^(?:0x)?[0-9a-f]{8,16}$/;

/** The functions from which the hooks of netfilter are called. */
const HOOK_CALLERS: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['ip_rcv', 'prerouting'],
  ['ip_sublist_rcv', 'prerouting'],
  ['ip_list_rcv', 'prerouting'],
  ['ipv6_rcv', 'prerouting'],
  ['ipv6_list_rcv', 'prerouting'],
  ['ip_local_deliver', 'input'],
  ['ip6_input', 'input'],
  ['ip_forward', 'forward'],
  ['ip6_forward', 'forward'],
  ['ip_output', 'postrouting'],
  ['ip_mc_output', 'postrouting'],
  ['ip6_output', 'postrouting'],
  ['__ip_local_out', 'output'],
  ['ip_local_out', 'output'],
  ['ip_send_skb', 'output'],
  ['ip_push_pending_frames', 'output'],
  ['raw_sendmsg', 'output'],
  ['__ip6_local_out', 'output'],
  ['ip6_local_out', 'output'],
  ['ip6_send_skb', 'output'],
  ['rawv6_sendmsg', 'output'],
  ['br_handle_frame', 'bridge-forward'],
  ['br_handle_frame_finish', 'bridge-forward'],
  ['__br_forward', 'bridge-forward'],
  ['br_forward_finish', 'bridge-forward'],
]);

/** The function that dropped a packet; `unknown` where the kernel printed nothing but an address, as before 6.1. */
export const droppingFunction = ({ location, frames }: FreeEvent): string => {
  const name = functionOf(location);
  if (!ADDRESS.test(name)) return name;
  const frame = frames.find((candidate) => !PLUMBING.test(candidate) && !ADDRESS.test(candidate));
  return frame === undefined ? 'unknown' : functionOf(frame);
};

/** The hook of netfilter that was being run; `null` where the stack does not tell. */
export const hookOf = ({ frames }: FreeEvent): Stage | null => {
  for (const frame of frames) {
    const stage = HOOK_CALLERS.get(functionOf(frame));
    if (stage !== undefined) return stage;
  }
  return null;
};
