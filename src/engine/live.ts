import { isFirstSyn, toSightings } from '../capture/sightings.js';
import { noteUdpRequest } from '../capture/udp.js';
import type { Packet, Sighting } from '../model/packet.js';
import type { TracePlan } from './plan.js';

/**
 * Recognises packets as they arrive. The probe's own word comes at its end, so a TCP probe's number is taken from the
 * order in which new SYNs appear.
 */
export class LiveSightings {
  readonly #plan: TracePlan;
  readonly #own: readonly string[];
  readonly #bySequence = new Map<number, number>();
  readonly #requests = new Map<string, number>();
  #waiting: Sighting[] = [];
  /** All that has arrived, in order of arrival. */
  readonly all: Sighting[] = [];
  #wake: () => void = () => {};

  constructor(plan: TracePlan) {
    this.#plan = plan;
    this.#own = plan.discovery.topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local));
  }

  note(hop: string, packet: Packet): void {
    if (packet.tcp && isFirstSyn(packet.tcp) && !this.#bySequence.has(packet.tcp.sequence))
      this.#bySequence.set(packet.tcp.sequence, this.#bySequence.size + 1);
    const { flow } = this.#plan.discovery;
    noteUdpRequest(packet, flow, this.#requests);
    const facts = {
      token: this.#plan.token,
      bySequence: this.#bySequence,
      requests: this.#requests,
      own: this.#own,
    };
    const sightings = toSightings(hop, [packet], flow, facts);
    this.#waiting.push(...sightings);
    this.all.push(...sightings);
    this.#wake();
  }

  /** Gives what arrives until the promise settles; never throws because of it. */
  async *until(settled: Promise<unknown>): AsyncGenerator<Sighting> {
    let over = false;
    const end = settled.then(
      () => {},
      () => {},
    );
    void end.then(() => {
      over = true;
      this.#wake();
    });
    for (;;) {
      const arrived = this.#waiting;
      this.#waiting = [];
      yield* arrived;
      if (over && this.#waiting.length === 0) return;
      if (this.#waiting.length === 0)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
