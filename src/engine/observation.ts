import { type Captured, startTaps, type TapSet } from '../capture/taps.js';
import type { Limit } from '../model/evidence.js';
import type { Packet, Sighting } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import { questionBytes } from '../parse/dns-message.js';
import { lostEventsLimit, type Witnessed } from '../witness/kernel-drops.js';
import { probeLengths } from '../witness/lengths.js';
import type { NoWitness, PreparedWitness } from '../witness/start-witness.js';
import type { Witness } from '../witness/witness.js';
import { Arrivals } from './arrivals.js';
import { EarlyEnd } from './early-end.js';
import { LiveSightings } from './live.js';
import { echoTokens, type TracePlan } from './plan.js';
import { ownAddresses, sentFrom } from './probe-facts.js';

/** What was seen of one run's packets. */
export interface Observed {
  readonly captured: Captured;
  /** `null` when the kernel could not be asked. */
  readonly witnessed: Witnessed | null;
  readonly limits: readonly Limit[];
}

/** The captures and the kernel's events of one run, while they go on. */
export interface Observation {
  /** Knows when nothing more is to be waited for. */
  readonly early: EarlyEnd;
  /** All packets that the captures have brought, by hop. */
  readonly packets: ReadonlyMap<string, readonly Packet[]>;
  /** All packets of the flow that have arrived. */
  readonly arrived: readonly Sighting[];
  /** Packets of the flow as they arrive, until the promise settles. */
  until(settled: Promise<unknown>): AsyncGenerator<Sighting>;
  /** Waits for packets that are still on their way to us. */
  settle(result: ProbeResult): Promise<void>;
  /** Has the kernel's witness end, which knows nothing of what is sent from now on; the captures go on. */
  endWitness(): void;
  stop(): Promise<Observed>;
  /** Settles when every process and the trace instance are gone. */
  readonly gone: Promise<unknown>;
}

/** Starts the captures on every hop and the kernel's witness; settles when all of them listen. */
export const startObservation = async (
  plan: TracePlan,
  preparing: Promise<PreparedWitness | NoWitness>,
  startedNs: bigint,
  signal: AbortSignal,
): Promise<Observation> => {
  const { flow } = plan.discovery;
  const arrivals = new Arrivals(plan);
  const from = sentFrom(
    plan,
    plan.captures.map(({ hop }) => ({ hop, error: null })),
  );
  const live = new LiveSightings({ flow, token: plan.token, own: ownAddresses(plan), from });
  const early = new EarlyEnd(plan, startedNs);
  const packets = new Map<string, Packet[]>(plan.captures.map(({ hop }) => [hop, []]));
  let witness: Witness | NoWitness | null = null;
  const judge = (): void => {
    if (isWitness(witness)) early.judge(witness.current, live.all);
  };
  const [taps] = await Promise.all([
    startTaps(plan.captures, {
      startedNs,
      token: plan.token,
      furtherTokens: echoTokens(plan.fullSize),
      question: flow.dns && questionBytes(flow.dns),
      signal,
      payloads: plan.found !== null,
      onPacket: (hop, packet) => {
        packets.get(hop)?.push(packet);
        arrivals.note(hop, packet);
        live.note(hop, packet);
        judge();
      },
    }),
    preparing.then(async (prepared) => {
      witness = 'unavailable' in prepared ? prepared : await prepared.start(witnessing(plan, judge));
    }),
  ]);
  early.listening(taps.reports);
  return observationOf(taps, witness, arrivals, live, early, packets);
};

const isWitness = (witness: Witness | NoWitness | null): witness is Witness =>
  witness !== null && !('unavailable' in witness);

const observationOf = (
  taps: TapSet,
  witness: Witness | NoWitness | null,
  arrivals: Arrivals,
  live: LiveSightings,
  early: EarlyEnd,
  packets: Observation['packets'],
): Observation => ({
  early,
  packets,
  arrived: live.all,
  until: (settled) => live.until(settled),
  settle: (result) => taps.settle(() => result.sent > 0 && result.answered >= result.sent && arrivals.areComplete),
  endWitness: () => void (isWitness(witness) && witness.stop()),
  stop: async () => {
    const [captured, witnessed] = await Promise.all([taps.stop(), isWitness(witness) ? witness.stop() : null]);
    const limit = isWitness(witness) ? witnessed && lostEventsLimit(witnessed) : (witness?.unavailable ?? null);
    return { captured, witnessed, limits: limit ? [limit] : [] };
  },
  gone: Promise.all([taps.gone, isWitness(witness) ? witness.gone : null]),
});

const witnessing = ({ discovery, probe, found }: TracePlan, onDrop: () => void) => {
  const { flow, path } = discovery;
  const common = flow.protocol === 'tcp' || flow.dns !== undefined || found !== null;
  const devices = common ? path.hops.flatMap(({ ifname }) => ifname ?? []) : [];
  const lengths = [...new Set([...probeLengths(flow, probe), ...(found?.lengths ?? [])])];
  return { lengths, family: flow.family, protocol: flow.protocol, devices, onDrop };
};
