import { setMaxListeners } from 'node:events';
import { KnownError } from '../model/errors.js';
import type { Sighting } from '../model/packet.js';
import { refusedIn } from '../model/probe.js';
import type { Run } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { WatchChange, WatchEvent, Watched } from '../model/watch.js';
import { Round } from './round.js';
import { changesSince, type RoundFacts } from './watch-changes.js';
import { HopStatistics } from './watch-stats.js';

export interface WatchSettings extends TraceSettings {
  /** Milliseconds after which the watch ends by itself. */
  readonly maxDurationMs: number;
  /** End with the round after the first in which a probe is lost: that one may still have seen the change itself. */
  readonly untilFault: boolean;
}

export interface WatchOptions {
  /** Ends the watch; it returns what it knows. */
  readonly signal: AbortSignal;
  /** Awaited before each round: a person may hold the probes. */
  readonly resumed?: () => Promise<void>;
}

/** Milliseconds of probing in one round, where several probes fit. */
const ROUND_MS = 1000;
const MAX_PROBES = 50;
/** Changes that are kept. */
const MAX_CHANGES = 200;

/**
 * Probes again and again, each round one whole trace, so that every round sees the path, the rules and the state anew.
 * A round finds its path while the one before probes.
 * Ends at the time limit, when the signal aborts, or at the fault that it waits for, with what it knows: of the rounds
 * before, the latest in which all was well is kept.
 * @throws what the first round throws
 */
export async function* watch(
  settings: WatchSettings,
  { signal, resumed }: WatchOptions,
): AsyncGenerator<WatchEvent, Watched> {
  const startedAt = Date.now();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), settings.maxDurationMs);
  const end = AbortSignal.any([signal, limit.signal]);
  setMaxListeners(0, end);
  const { intervalMs } = settings.probe;
  const count = Math.min(Math.max(Math.floor(ROUND_MS / intervalMs), 1), MAX_PROBES);
  const round = { ...settings, fullSize: false, probe: { ...settings.probe, count } };
  const watched = new Tally(startedAt);
  const stop = new AbortController();
  const within = AbortSignal.any([end, stop.signal]);
  setMaxListeners(0, within);
  const after = (before: Round | null): Round => new Round({ settings: round, signal: within, after: before, resumed });
  let current = after(null);
  let next = after(current);
  try {
    for (let number = 1; !end.aborted; number += 1) {
      let changes: readonly WatchChange[];
      try {
        changes = yield* oneRound(current, number, watched);
      } catch (error) {
        if (end.aborted) break;
        if (number === 1 || !(error instanceof KnownError)) throw error;
        changes = watched.failed(error.message, Date.now());
      }
      for (const change of changes) yield { type: 'change', change };
      yield { type: 'watched', watched: watched.told() };
      if (settings.untilFault && watched.isCaught) break;
      current = next;
      next = after(current);
    }
    return watched.told();
  } finally {
    clearTimeout(timer);
    stop.abort();
    await Promise.all([current.gone(), next.gone()]);
  }
}

async function* oneRound(
  round: Round,
  number: number,
  watched: Tally,
): AsyncGenerator<WatchEvent, readonly WatchChange[]> {
  const sightings: Sighting[] = [];
  let met: RoundFacts['met'];
  const events = round.events();
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return watched.add({ run: next.value, met }, sightings, Date.now());
    if (next.value.type === 'sighting') sightings.push(next.value.sighting);
    if (next.value.type === 'diagnosis') met = next.value.diagnosis.met;
    yield { type: 'round', number, event: next.value };
  }
}

/** What a watch has counted so far. */
class Tally {
  readonly #startedAt: number;
  readonly #statistics = new HopStatistics();
  #rounds = 0;
  #sent = 0;
  #answered = 0;
  #refused = 0;
  #forgotten = 0;
  #changes: readonly WatchChange[] = [];
  #last: RoundFacts | null = null;
  #lastOk: Run | null = null;
  /** The first round in which not all was well, and whether another has followed. */
  #fault: Run | null = null;
  #isCaught = false;
  #failure: string | null = null;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  add(round: RoundFacts, sightings: readonly Sighting[], at: number): readonly WatchChange[] {
    const { probe, path } = round.run;
    const sent = probe?.answers.length ?? 0;
    this.#rounds += 1;
    this.#sent += sent;
    const refused = refusedIn(probe);
    this.#answered += (probe?.answered ?? 0) - refused;
    this.#refused += refused;
    const captured = path.hops.filter((hop) => hop.captured).map(({ id }) => id);
    this.#statistics.add(captured, sightings, sent);
    const changes = changesSince(this.#failure === null ? this.#last : null, round, at);
    this.#last = round;
    this.#isCaught = this.#fault !== null;
    if (this.#fault === null) {
      if (round.run.diagnosis.status === 'ok') this.#lastOk = round.run;
      else this.#fault = round.run;
    }
    this.#failure = null;
    return this.#keep(changes);
  }

  /** A round that could not be made. */
  failed(message: string, at: number): readonly WatchChange[] {
    this.#rounds += 1;
    if (this.#failure === message) return [];
    this.#failure = message;
    return this.#keep([{ at, kind: 'failure', text: message }]);
  }

  /** Whether a fault was seen, and one more round after it. */
  get isCaught(): boolean {
    return this.#isCaught;
  }

  told(): Watched {
    const run = this.#last?.run ?? null;
    const hops = (run?.path.hops ?? []).filter((hop) => hop.captured);
    return {
      startedAt: this.#startedAt,
      rounds: this.#rounds,
      sent: this.#sent,
      answered: this.#answered,
      refused: this.#refused,
      hops: hops.map((hop) => this.#statistics.of(hop.id, hop.ifname ?? hop.role)),
      changes: this.#changes,
      forgotten: this.#forgotten,
      lastRun: run,
      fault: this.#fault,
      lastOk: this.#lastOk,
    };
  }

  #keep(changes: readonly WatchChange[]): readonly WatchChange[] {
    const all = [...this.#changes, ...changes];
    this.#changes = all.slice(-MAX_CHANGES);
    this.#forgotten += all.length - this.#changes.length;
    return changes;
  }
}
