import type { Way } from '../model/flow.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeResult } from '../model/probe.js';
import type { Chain } from './chains.js';
import { neighboursOf } from './last-place.js';
import type { OwnChain } from './recognise.js';

/** Our packets as the kernel alone shows them. */
export interface ByOrder {
  readonly own: readonly OwnChain[];
  /**
   * Whether the process of the probe itself sent the requests, so that they can be nobody else's: each, or, where their length is
   * the probe's alone, one at least; what waits for a neighbour goes on without its sender.
   */
  readonly isProved: boolean;
  /** Chains over devices of the path that are none of ours. */
  readonly others: readonly Chain[];
}

/**
 * Which chains are our packets where no capture ran: those that the probe's own process sent, or those that begin where the
 * probe does and go the way of the path, if there are not more of them than probes. When there are more, somebody else's are
 * among them, and none is taken.
 */
export const recogniseByOrder = (chains: readonly Chain[], path: Path, probe: ProbeResult): ByOrder => {
  const named = path.hops.filter(({ ifname, role }) => ifname !== null && !BESIDE.includes(role));
  const beside = path.hops.filter(({ ifname, role }) => ifname !== null && BESIDE.includes(role));
  const [first, last] = [named[0], named.at(-1)];
  if (first === undefined || last === undefined) return { own: [], isProved: false, others: chains };
  const begun = withoutRepeats(
    chains.filter((chain) => begins(chain, first, path, 'forward')),
    probe,
  );
  const bySender = begun.filter(({ events: [sending] }) => probe.pid !== undefined && sending.sender === probe.pid);
  const areAll = bySender.length === probe.sent;
  const isProved = areAll || (hasOwnLength(probe) && bySender.length > 0 && begun.length === probe.sent);
  const sent = areAll ? bySender : begun;
  const entries = [last, ...beside];
  const returned = chains.flatMap((chain) => {
    const hop = sent.includes(chain) ? undefined : entries.find((one) => begins(chain, one, path, 'return'));
    return hop ? [{ chain, hop }] : [];
  });
  const answered = probe.answers.filter(({ outcome }) => outcome === 'answered').map((answer) => answer.probe);
  const all = probe.answers.filter(({ outcome }) => outcome !== 'not-sent').map((answer) => answer.probe);
  const own = [
    ...numbered(
      sent.map((chain) => ({ chain, hop: first })),
      'forward',
      [all],
      probe.sent,
    ),
    ...numbered(returned, 'return', [all, answered], probe.sent),
  ];
  const devices = new Set(path.hops.map(({ ifname }) => ifname));
  const others = chains.filter(
    (chain) => !own.some((one) => one.chain === chain) && chain.events.some(({ device }) => devices.has(device)),
  );
  return { own, isProved, others };
};

/** Microseconds after which a SYN without an answer is sent again. @see RFC 6298 §2.1 */
const SENT_AGAIN_US = 1_000_000;

/** TCP asks again by itself as long as a probe waits: what comes late, and more often than probes were sent, is that. */
const withoutRepeats = (begun: readonly Chain[], { protocol, sent }: ProbeResult): readonly Chain[] => {
  if (protocol !== 'tcp') return begun;
  const began = begun[0]?.events[0].clockUs ?? 0;
  return begun.filter(({ events: [{ clockUs }] }, index) => index < sent || clockUs - began < SENT_AGAIN_US);
};

const hasOwnLength = ({ protocol, token }: ProbeResult): boolean => protocol === 'icmp' || token !== null;

const NOWHERE: ReadonlySet<Hop> = new Set();
const BESIDE: readonly Hop['role'][] = ['return-egress', 'alternate-uplink'];

/**
 * Index of the event at the hop where the packet enters the path; -1 without one. A request is sent there first of all. A
 * reply is received there, after the events of whoever sent it.
 */
const entry = ({ events }: Chain, hop: Hop, way: Way): number => {
  const kind = way === 'forward' ? 'queue' : 'receive';
  const index = events.findIndex((event) => event.kind === kind && event.device === hop.ifname);
  return index <= (way === 'forward' ? 0 : 2) ? index : -1;
};

const begins = (chain: Chain, hop: Hop, path: Path, way: Way): boolean => {
  const start = entry(chain, hop, way);
  if (start === -1) return false;
  const next = chain.events.slice(start + 1).find(({ device, kind }) => kind !== 'xmit' && device !== hop.ifname);
  return next === undefined || neighboursOf(path, hop, way).some(({ ifname }) => ifname === next.device);
};

interface Begun {
  readonly chain: Chain;
  readonly hop: Hop;
}

/** The chains with the numbers of their probes, in order of time, where there are as many; with none where they are fewer. */
const numbered = (
  begun: readonly Begun[],
  way: Way,
  numberings: readonly (readonly number[])[],
  most: number,
): readonly OwnChain[] => {
  if (begun.length > most) return [];
  const numbers = numberings.find(({ length }) => length === begun.length);
  return begun.map(({ chain, hop }, index) => {
    const event = chain.events[entry(chain, hop, way)] ?? chain.events[0];
    return {
      chain,
      packet: { probe: numbers?.[index] ?? null, way, seenAt: NOWHERE },
      confirmed: new Map([[event, hop]]),
    };
  });
};
