import { setTimeout as sleep } from 'node:timers/promises';
import type { Run, RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { limitedRun } from './limited-run.js';

/** Milliseconds before its probes are due at which a round begins to follow the path. */
const PREPARE_MS = 400;

export interface RoundWish {
  readonly settings: TraceSettings;
  readonly signal: AbortSignal;
  /** The round before, whose probes must have ended before this one reads the state. */
  readonly after: Round | null;
  /** Awaited before the round begins. */
  readonly resumed?: (() => Promise<void>) | undefined;
}

/**
 * One round of a watch. It runs on its own and keeps its events until they are read, so that a round can find the path
 * while the probes of the one before are under way: the probes of all rounds then come at one steady rate.
 */
export class Round {
  /** Settles when its probes have ended, or it has. */
  readonly probed: Promise<void>;
  readonly #ended: Promise<Run>;
  readonly #probing: Promise<void>;
  #over = false;
  #waiting: RunEvent[] = [];
  #wake: () => void = () => {};
  #reached: { probing: () => void; probed: () => void } = { probing: () => {}, probed: () => {} };
  /** Of `performance.now()`: when its first probe was sent; before that, when it began. */
  #sentAt = performance.now();
  #turnedAt = 0;
  /** Milliseconds from its turn to its first probe. */
  #readMs: number;
  readonly #spanMs: number;

  constructor(wish: RoundWish) {
    const { count, intervalMs } = wish.settings.probe;
    this.#spanMs = count * intervalMs;
    this.#readMs = wish.after ? wish.after.#readMs : 0;
    const probing = new Promise<void>((resolve) => {
      this.#reached = { ...this.#reached, probing: resolve };
    });
    const probed = new Promise<void>((resolve) => {
      this.#reached = { ...this.#reached, probed: resolve };
    });
    this.#ended = this.#follow(wish).finally(() => {
      this.#over = true;
      this.#wake();
    });
    const end = this.gone();
    this.#probing = Promise.race([probing, end]);
    this.probed = Promise.race([probed, end]);
  }

  /** Its events in order, from the first one on, and its run. @throws what the trace threw */
  async *events(): AsyncGenerator<RunEvent, Run> {
    for (;;) {
      const arrived = this.#waiting;
      this.#waiting = [];
      yield* arrived;
      if (this.#waiting.length > 0) continue;
      if (this.#over) return this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Settles when nothing of it runs any more. */
  async gone(): Promise<void> {
    await this.#ended.catch(() => {});
  }

  async #follow({ settings, signal, after, resumed }: RoundWish): Promise<Run> {
    if (after) await after.#isNear(PREPARE_MS, signal);
    await resumed?.();
    signal.throwIfAborted();
    this.#sentAt = performance.now();
    const events = limitedRun(settings, { signal, turn: this.#turn(after, signal) });
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.type === 'phase') {
        if (event.phase === 'probe') this.#sends();
        if (event.phase === 'settle') this.#reached.probed();
      }
      this.#waiting.push(event);
      this.#wake();
    }
  }

  /** Settles when the probes of the round before have ended, and its own are due as soon as the state is read. */
  async #turn(after: Round | null, signal: AbortSignal): Promise<void> {
    if (after) {
      await after.probed;
      await after.#isNear(0, signal);
    }
    this.#turnedAt = performance.now();
  }

  #sends(): void {
    this.#sentAt = performance.now();
    this.#readMs = this.#sentAt - this.#turnedAt;
    this.#reached.probing();
  }

  /** Settles so many milliseconds before the next round has to read the state. */
  async #isNear(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#probing;
    const due = this.#sentAt + this.#spanMs - this.#readMs - milliseconds;
    await sleep(Math.max(due - performance.now(), 0), undefined, { signal }).catch(() => {});
  }
}
