import { setTimeout as sleep } from 'node:timers/promises';
import { type Exchange, type Followed, followTraffic, isRefused } from '../capture/traffic.js';
import type { Packet } from '../model/packet.js';
import type { ProbeAnswer, ProbeOutcome, ProbeResult } from '../model/probe.js';
import type { TrafficEvidence } from '../model/traffic.js';
import { socketAgain, timerWait } from './find-socket.js';
import { icmpWords } from './icmp-words.js';
import type { Found } from './overhear.js';
import type { TracePlan } from './plan.js';

/** Packets of the flow, as they come in at each hop. */
export type PacketsByHop = ReadonlyMap<string, readonly Packet[]>;

const POLL_MS = 40;
/** Packets that are looked at, and how many are enough; and milliseconds after the first of them that are. */
const MOST = 10;
const ENOUGH = 3;
const ENOUGH_MS = 2500;

/** What became of the packets of the flow, and the connection in the end where one was named. */
export interface Watched {
  readonly result: ProbeResult;
  readonly traffic: TrafficEvidence;
}

/**
 * Waits for packets of the flow, and tells what became of them as if they had been probes of ours. A connection that sends
 * again although its device sees nothing of it loses its packets before: that is told as one that was sent. Sends nothing.
 */
export const watchTraffic = async (
  plan: TracePlan,
  found: Found,
  packets: PacketsByHop,
  signal: AbortSignal,
): Promise<Watched> => {
  const { evidence, deadline } = found;
  const target = plan.discovery.netns.find(({ id }) => id === 'target');
  if (!evidence.socket || !target)
    return { result: await followed(plan, found, packets, deadline, signal), traffic: evidence };
  const before = (await socketAgain(evidence.socket.before, target, signal)) ?? evidence.socket.before;
  const until = Math.max(deadline, performance.now() + (found.byTimer ? timerWait(before) : 0));
  const result = await followed(plan, found, packets, until, signal);
  const after = await socketAgain(before, target, signal);
  const traffic = { ...evidence, socket: { before, after } };
  const isHeld = result.sent === 0 && after !== null && after.retransmitted > before.retransmitted;
  return { result: isHeld ? unseen(result) : result, traffic };
};

const unseen = (result: ProbeResult): ProbeResult => ({
  ...result,
  sent: 1,
  answers: [{ probe: 1, outcome: 'timeout', rttMs: null, text: null, from: null }],
  failure: null,
});

const followed = async (
  plan: TracePlan,
  found: Found,
  packets: PacketsByHop,
  deadline: number,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  let decided = 0;
  let firstAt: number | null = null;
  while (!signal.aborted) {
    const { exchanges } = trafficOf(plan, found, packets, MOST);
    const now = performance.now();
    if (exchanges.length > 0) firstAt ??= now;
    const age = firstAt === null ? 0 : now - firstAt;
    const over = (exchanges[0]?.at ?? 0) + (age - plan.probe.timeoutMs) * 1e6;
    decided = exchanges.findIndex((one) => !isDone(one) && one.at > over);
    if (decided === -1) decided = exchanges.length;
    if (decided >= ENOUGH || (decided > 0 && age >= ENOUGH_MS)) break;
    if (firstAt === null && now >= deadline) break;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return resultOf(plan, found, packets, decided);
};

const isDone = ({ answer, error }: Exchange): boolean => answer !== null || error !== null;

/** Where the first so many packets of the flow were seen. */
export const trafficOf = (
  { discovery: { flow, path, topology } }: TracePlan,
  { evidence }: Found,
  packets: PacketsByHop,
  most: number,
): Followed => {
  const start = path.hops.find(({ role }) => role === 'container')?.id ?? '';
  const own = topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local));
  const timer = evidence.socket?.before.timer?.name;
  return followTraffic(flow, packets, { start, own, most, bare: timer === 'persist' || timer === 'keepalive' });
};

const resultOf = (plan: TracePlan, found: Found, packets: PacketsByHop, most: number): ProbeResult => {
  const { flow, path } = plan.discovery;
  const { exchanges } = trafficOf(plan, found, packets, most);
  const answers = exchanges.map(toAnswer);
  const device = path.hops.find(({ role }) => role === 'container')?.ifname ?? 'its device';
  return {
    command: plan.captures[0]?.argv ?? [],
    protocol: flow.protocol,
    token: null,
    sent: answers.length,
    answered: answers.filter(({ outcome }) => outcome === 'answered' || outcome === 'refused').length,
    answers,
    localError: null,
    failure:
      answers.length > 0 ? null : `no packet to ${flow.destinationText} that asks for an answer was seen on ${device}`,
    output: '',
    isOwnTraffic: true,
  };
};

const outcomeOf = (exchange: Exchange): ProbeOutcome => {
  if (isRefused(exchange)) return 'refused';
  if (exchange.answer) return 'answered';
  return exchange.error ? 'error' : 'timeout';
};

const toAnswer = (exchange: Exchange): ProbeAnswer => {
  const { number, packet, at, answer, error } = exchange;
  const end = answer ?? error;
  const sourcePort = (packet.tcp ?? packet.udp)?.sourcePort;
  return {
    probe: number,
    outcome: outcomeOf(exchange),
    rttMs: end ? (end.at - at) / 1e6 : null,
    text: error?.icmp && error.ip ? icmpWords(error.ip.family, error.icmp.type, error.icmp.code) : null,
    from: error?.ip?.source ?? null,
    ...(sourcePort === undefined ? {} : { sourcePort }),
  };
};
