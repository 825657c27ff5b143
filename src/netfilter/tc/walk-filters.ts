import type { TcFilter } from '../../model/state.js';
import type { HookPacket } from '../types.js';
import { runClassicBpf } from './classic-bpf.js';
import { frameBytes } from './frame-bytes.js';

/** What the filters of one hook of a device do with a frame. */
export interface FilterWalk {
  readonly hook: TcFilter['hook'];
  readonly verdict: 'pass' | 'drop' | 'unknown';
  /** The filter that decided, or that the answer hangs on; `null` when none took the frame. */
  readonly filter: TcFilter | null;
  /** Why the answer cannot be known; `null` when it is. */
  readonly doubt: string | null;
}

/** Answers of a program in direct-action mode; every other number leaves the frame to the next filter. @see linux/pkt_cls.h */
const ACTIONS: Readonly<Record<number, FilterWalk['verdict']>> = {
  0: 'pass',
  2: 'drop',
  4: 'unknown',
  7: 'unknown',
  8: 'unknown',
};

const ETHER_TYPES: Readonly<Record<string, number>> = { ip: 0x0800, arp: 0x0806, ipv6: 0x86dd };

/**
 * Takes a frame through the filters of one hook, by preference; those of another chain than the first are only jumped to.
 * A classic BPF program in direct-action mode is run; what another filter does cannot be known, also where it passes the
 * frame to the next one.
 * @see tc-bpf(8), cls_bpf_classify() in net/sched/cls_bpf.c
 */
export const walkFilters = (filters: readonly TcFilter[], hook: TcFilter['hook'], packet: HookPacket): FilterWalk => {
  const frame = frameBytes(packet);
  const asked = filters
    .filter(
      ({ chain = 0, protocol }) => chain === 0 && (protocol === 'all' || ETHER_TYPES[protocol] === frame.etherType),
    )
    .toSorted((one, other) => one.preference - other.preference);
  for (const filter of asked) {
    if (filter.program === undefined) return unknown(hook, filter, 'its program cannot be read');
    const answer = runClassicBpf(filter.program, frame);
    if (answer === null) return unknown(hook, filter, 'its program asks for bytes that are not known');
    const verdict = ACTIONS[answer];
    if (verdict === 'unknown') return unknown(hook, filter, 'its program leads the packet elsewhere');
    if (verdict !== undefined) return { hook, verdict, filter, doubt: null };
  }
  return { hook, verdict: 'pass', filter: null, doubt: null };
};

const unknown = (hook: TcFilter['hook'], filter: TcFilter, because: string): FilterWalk => ({
  hook,
  verdict: 'unknown',
  filter,
  doubt: `tc filter ${filter.kind} (pref ${filter.preference}) at the ${hook} of ${filter.dev}: ${because}`,
});
