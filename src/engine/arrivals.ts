import type { Packet } from '../model/packet.js';
import type { TracePlan } from './plan.js';

/** Tells when every echo request and reply of a probe has come in at every hop of the path, so that nobody need wait. */
export class Arrivals {
  readonly #wanted: number;
  readonly #token: string;
  readonly #seen: Map<string, number>;

  constructor({ captures, discovery, probe, token }: TracePlan) {
    const side = discovery.path.hops.filter(({ role }) => role === 'alternate-uplink' || role === 'return-egress');
    const watched = captures.filter(({ hop }) => !side.some(({ id }) => id === hop));
    this.#wanted = probe.protocol === 'icmp' ? probe.count * 2 : Number.POSITIVE_INFINITY;
    this.#token = token;
    this.#seen = new Map(watched.map(({ hop }) => [hop, 0]));
  }

  note(hop: string, packet: Packet): void {
    const count = this.#seen.get(hop);
    if (count !== undefined && packet.icmp?.token?.startsWith(this.#token)) this.#seen.set(hop, count + 1);
  }

  get areComplete(): boolean {
    return [...this.#seen.values()].every((count) => count >= this.#wanted);
  }
}
