import type { CaptureReport, Sighting } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import { toKernelDrops, type Witnessed } from '../witness/kernel-drops.js';
import { locate } from './locate.js';
import type { TracePlan } from './plan.js';

/**
 * Ends the wait for answers that cannot come: when the kernel has told of every probe that it dropped it, all at one
 * place, and the captures lost them at the same. Not for TCP: a segment is not recognised with certainty.
 */
export class EarlyEnd {
  readonly #plan: TracePlan;
  readonly #startedNs: bigint;
  readonly #reports: readonly CaptureReport[];
  readonly #enough = new AbortController();
  #pid: number | undefined;

  constructor(plan: TracePlan, startedNs: bigint) {
    this.#plan = plan;
    this.#startedNs = startedNs;
    this.#reports = plan.captures.map(({ hop, argv }) => ({
      hop,
      command: argv,
      error: null,
      packets: 0,
      droppedByKernel: 0,
    }));
  }

  /** Aborts when nothing more is to be waited for. */
  get signal(): AbortSignal {
    return this.#enough.signal;
  }

  /** The process that sends the probe, for drops before any device. */
  sentBy(pid: number): void {
    this.#pid = pid;
  }

  /** Judges what is known by now. */
  judge(witnessed: Witnessed, sightings: readonly Sighting[]): void {
    const { path } = this.#plan.discovery;
    const { count, protocol } = this.#plan.probe;
    if (protocol === 'tcp' || this.#plan.found !== null || this.#enough.signal.aborted) return;
    if (witnessed.events.filter(({ kind }) => kind === 'free').length < count) return;
    const probe = this.#unanswered();
    const drops = toKernelDrops(witnessed, {
      path,
      sightings,
      captures: this.#reports,
      probe,
      startedNs: this.#startedNs,
    }).filter((drop) => drop.likely === undefined && drop.probe !== null);
    const [first] = drops;
    if (!first || new Set(drops.map((drop) => drop.probe)).size < count) return;
    if (drops.some((drop) => drop.link !== first.link || drop.way !== first.way)) return;
    const located = locate(path, sightings, this.#reports, probe);
    const broken = located.way === 'forward' ? located.forwardBreak : located.returnBreak;
    if (located.way === first.way && broken?.link === first.link) this.#enough.abort();
  }

  #unanswered(): ProbeResult {
    const { count, protocol } = this.#plan.probe;
    const answers = Array.from({ length: count }, (_, index) => ({
      probe: index + 1,
      outcome: 'timeout' as const,
      rttMs: null,
      text: null,
      from: null,
    }));
    return {
      command: [],
      protocol,
      token: this.#plan.discovery.flow.dns ? null : this.#plan.token,
      sent: count,
      answered: 0,
      answers,
      localError: null,
      failure: null,
      output: '',
      ...(this.#pid === undefined ? {} : { pid: this.#pid }),
    };
  }
}
