import type { Evidence } from '../model/evidence.js';
import type { CaptureReport, Sighting } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import { toKernelDrops, type Witnessed } from '../witness/kernel-drops.js';
import { toKernelSightings } from '../witness/kernel-sightings.js';
import { withKernelSeen } from './kernel-witness.js';
import { locate } from './locate.js';
import type { TracePlan } from './plan.js';

/** What the kernel alone tells, where no capture runs: that it dropped every probe, and where they passed. */
export type KernelWord = Pick<Evidence, 'captures' | 'probe' | 'kernelDrops' | 'kernelSeen'>;

/**
 * Ends the wait for answers that cannot come: when the kernel has told of every probe that it dropped it, all at one
 * place, and the captures lost them at the same. Where no capture runs, the counters have to agree in their place. Not for
 * TCP: a segment is not recognised with certainty.
 */
export class EarlyEnd {
  /** Settles where no capture runs and the kernel has told that it dropped every probe. */
  readonly told: Promise<KernelWord>;
  readonly #plan: TracePlan;
  readonly #startedNs: bigint;
  readonly #enough = new AbortController();
  #reports: readonly CaptureReport[] = [];
  #tell: (word: KernelWord) => void = () => {};
  #isTold = false;
  #pid: number | undefined;

  constructor(plan: TracePlan, startedNs: bigint) {
    this.#plan = plan;
    this.#startedNs = startedNs;
    this.told = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** Aborts when nothing more is to be waited for. */
  get signal(): AbortSignal {
    return this.#enough.signal;
  }

  /** Whether no capture runs. */
  get isBlind(): boolean {
    return this.#reports.length > 0 && this.#reports.every(({ error }) => error !== null);
  }

  /** Whether the kernel told of the drops, and the counters do not agree. */
  get isDoubted(): boolean {
    return this.#isTold && !this.#enough.signal.aborted;
  }

  /** The captures, once each listens or has failed. What one loses is known at its end. */
  listening(reports: readonly CaptureReport[]): void {
    this.#reports = reports.map((report) => (report.error === null ? { ...report, droppedByKernel: 0 } : report));
  }

  /** The process that sends the probe, for drops before any device. */
  sentBy(pid: number): void {
    this.#pid = pid;
  }

  /** Ends the wait when the kernel's word alone has come and the rest agrees with it. */
  confirm(agrees: (word: KernelWord) => Promise<boolean>): void {
    this.told.then(agrees).then(
      (isCertain) => isCertain && this.#enough.abort(),
      () => {},
    );
  }

  /** Judges what is known by now. */
  judge(witnessed: Witnessed, sightings: readonly Sighting[]): void {
    const { path } = this.#plan.discovery;
    const { count, protocol } = this.#plan.probe;
    if (protocol === 'tcp' || this.#plan.found !== null || this.#isTold || this.#enough.signal.aborted) return;
    if (witnessed.events.filter(({ kind }) => kind === 'free').length < count) return;
    const probe = this.#unanswered();
    const run = { path, probe, startedNs: this.#startedNs };
    const kernelDrops = toKernelDrops(witnessed, { ...run, sightings, captures: this.#reports });
    const drops = kernelDrops.filter((drop) => drop.likely === undefined && drop.probe !== null);
    const [first] = drops;
    if (!first || new Set(drops.map((drop) => drop.probe)).size < count) return;
    if (drops.some((drop) => drop.link !== first.link || drop.way !== first.way)) return;
    const kernelSeen = this.isBlind ? toKernelSightings(witnessed, run) : null;
    if (this.isBlind && kernelSeen === null) return;
    const word = { captures: this.#reports, probe, kernelDrops, ...(kernelSeen ? { kernelSeen } : {}) };
    const shown = withKernelSeen({ ...word, path, sightings });
    const located = locate(path, shown.sightings, shown.captures, probe);
    const broken = located.way === 'forward' ? located.forwardBreak : located.returnBreak;
    if (located.way !== first.way || broken?.link !== first.link) return;
    if (!kernelSeen) {
      this.#enough.abort();
      return;
    }
    this.#isTold = true;
    this.#tell(word);
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
