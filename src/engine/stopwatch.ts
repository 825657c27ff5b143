import type { RunPhase } from '../model/run.js';

/** Times of one run: its start as nanoseconds since the epoch, and how long each phase took. */
export class Stopwatch {
  readonly started = new Date();
  /** Start of the run, nanoseconds since the Unix epoch; packets are timed against it. */
  readonly startedNs = BigInt(this.started.getTime()) * 1_000_000n;
  readonly #origin = performance.now();
  readonly #phases: { readonly name: RunPhase; readonly at: number }[] = [];

  /** Milliseconds since the run began. */
  get elapsedMs(): number {
    return Math.round(performance.now() - this.#origin);
  }

  /** Ends the phase before and begins this one; gives the milliseconds since the run began. */
  begin(name: RunPhase): number {
    this.#phases.push({ name, at: performance.now() - this.#origin });
    return this.elapsedMs;
  }

  phasesMs(): Readonly<Record<string, number>> {
    const end = performance.now() - this.#origin;
    return Object.fromEntries(
      this.#phases.map(({ name, at }, index) => [name, Math.round((this.#phases[index + 1]?.at ?? end) - at)]),
    );
  }
}
