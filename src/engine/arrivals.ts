import type { Packet } from '../model/packet.js';
import type { TracePlan } from './plan.js';

/** Tells when every request of a probe and every reply that bears its token has come in at every hop of the path, so that nobody need wait. */
export class Arrivals {
  readonly #wanted: number;
  readonly #token: string;
  readonly #seen: Map<string, number>;

  constructor({ captures, discovery, probe, token }: TracePlan) {
    const side = discovery.path.hops.filter(({ role }) => role === 'alternate-uplink' || role === 'return-egress');
    const watched = captures.filter(({ hop }) => !side.some(({ id }) => id === hop));
    this.#wanted = probe.protocol === 'tcp' ? Number.POSITIVE_INFINITY : probe.count * 2;
    this.#token = token;
    this.#seen = new Map(watched.map(({ hop }) => [hop, 0]));
  }

  note(hop: string, packet: Packet): void {
    const count = this.#seen.get(hop);
    const ours = packet.icmp?.token?.startsWith(this.#token) || packet.udp?.probe !== undefined;
    if (count !== undefined && ours) this.#seen.set(hop, count + 1);
  }

  get areComplete(): boolean {
    return [...this.#seen.values()].every((count) => count >= this.#wanted);
  }
}
