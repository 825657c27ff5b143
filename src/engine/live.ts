import { opensProbe, type ProbeFacts, type SentFrom, toSightings } from '../capture/sightings.js';
import { noteUdpRequest } from '../capture/udp.js';
import type { Flow } from '../model/flow.js';
import type { Packet, Sighting } from '../model/packet.js';

/** The flow whose packets are recognised, and what tells them from others. */
export interface LiveWish extends Pick<ProbeFacts, 'token' | 'own'> {
  readonly flow: Flow;
  readonly from: SentFrom;
}

/** Packets of TCP that are kept until the connection they belong to is known. */
const MOST_HELD = 500;

/**
 * Recognises packets as they arrive. The probe's own word comes at its end, so a TCP probe's number is taken from the
 * order in which new SYNs of the sender appear. What another capture delivered before them is kept until then.
 */
export class LiveSightings {
  readonly #wish: LiveWish;
  readonly #bySequence = new Map<number, number>();
  readonly #requests = new Map<string, number>();
  #held: { readonly hop: string; readonly packet: Packet }[] = [];
  #waiting: Sighting[] = [];
  /** All that has arrived, in order of arrival. */
  readonly all: Sighting[] = [];
  #wake: () => void = () => {};

  constructor(wish: LiveWish) {
    this.#wish = wish;
  }

  note(hop: string, packet: Packet): void {
    const { tcp } = packet;
    noteUdpRequest(packet, this.#wish.flow, this.#requests);
    const isNew = tcp && opensProbe(hop, packet, this.#wish.from) && !this.#bySequence.has(tcp.sequence);
    if (isNew) this.#bySequence.set(tcp.sequence, this.#bySequence.size + 1);
    const sightings = this.#recognise(hop, packet);
    if (sightings.length === 0 && (tcp?.flags.includes('SYN') || tcp?.flags.includes('RST'))) this.#hold(hop, packet);
    if (isNew) sightings.push(...this.#release());
    this.#waiting.push(...sightings);
    this.all.push(...sightings);
    this.#wake();
  }

  #hold(hop: string, packet: Packet): void {
    this.#held.push({ hop, packet });
    if (this.#held.length > MOST_HELD) this.#held.shift();
  }

  /** Those of the held packets that are known by now. */
  #release(): Sighting[] {
    const held = this.#held.map((one) => ({ one, sightings: this.#recognise(one.hop, one.packet) }));
    this.#held = held.flatMap(({ one, sightings }) => (sightings.length === 0 ? [one] : []));
    return held.flatMap(({ sightings }) => sightings);
  }

  #recognise(hop: string, packet: Packet): Sighting[] {
    const { flow, token, own } = this.#wish;
    return toSightings(hop, [packet], flow, { token, bySequence: this.#bySequence, requests: this.#requests, own });
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
