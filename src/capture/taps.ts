import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturedFrame, CaptureReport, Packet } from '../model/packet.js';
import type { DecodeContext } from './decode.js';
import type { CapturePlan } from './plan.js';
import { Tap } from './tap.js';

export interface TapOptions extends DecodeContext {
  /** Ends all captures when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each packet as it comes. */
  readonly onPacket?: ((hop: string, packet: Packet) => void) | undefined;
  /** Milliseconds after which a capture that does not listen yet is given up. @default 3000 */
  readonly readyMs?: number;
}

export interface Captured {
  readonly reports: CaptureReport[];
  readonly packets: Map<string, Packet[]>;
  /** The frames as they were, one for each packet. */
  readonly frames: readonly CapturedFrame[];
}

/** The captures of one run, all started. */
export interface TapSet {
  /** What each has seen by now, and which have failed. */
  readonly reports: readonly CaptureReport[];
  /**
   * Waits until no packet has come for 15 ms, at most 80 ms: tcpdump delivers some milliseconds late. Ends at once when
   * `isComplete` says that all that can come has come.
   */
  settle(isComplete?: () => boolean): Promise<void>;
  /** Ends all captures and gives what they saw. Callable more than once. */
  stop(): Promise<Captured>;
  /** Settles when all processes have ended. */
  readonly gone: Promise<void>;
}

const READY_MS = 3000;
const QUIET_MS = 15;
const SETTLE_MS = 80;
const POLL_MS = 2;

/**
 * Starts all captures at once and waits until each listens or has failed. Never rejects because of a capture: what went
 * wrong with one is in its report.
 */
export const startTaps = async (plans: readonly CapturePlan[], options: TapOptions): Promise<TapSet> => {
  const { onPacket, signal } = options;
  const taps = plans.map((plan) => new Tap(plan, options, onPacket && ((packet) => onPacket(plan.hop, packet))));
  let stopped: Promise<Captured> | null = null;
  const stop = (): Promise<Captured> => {
    stopped ??= collect(taps).finally(() => signal?.removeEventListener('abort', stop));
    return stopped;
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) await stop();
  await allReady(taps, options.readyMs ?? READY_MS);
  const gone = Promise.all(taps.map((tap) => tap.gone)).then(() => {});
  return {
    get reports() {
      return taps.map(({ report }) => report);
    },
    settle: (isComplete = () => false) => settle(taps, isComplete),
    stop,
    gone,
  };
};

const allReady = async (taps: readonly Tap[], readyMs: number): Promise<void> => {
  const late = setTimeout(() => {
    for (const tap of taps) tap.giveUp(readyMs);
  }, readyMs);
  await Promise.all(taps.map((tap) => tap.ready));
  clearTimeout(late);
};

const settle = async (taps: readonly Tap[], isComplete: () => boolean): Promise<void> => {
  const started = performance.now();
  while (!isComplete()) {
    const now = performance.now();
    const quietSince = Math.max(started, ...taps.map((tap) => tap.lastPacketAt));
    const wait = Math.min(quietSince + QUIET_MS, started + SETTLE_MS) - now;
    if (wait <= 0) return;
    await sleep(Math.min(wait, POLL_MS));
  }
};

const collect = async (taps: readonly Tap[]): Promise<Captured> => {
  const reports = await Promise.all(taps.map((tap) => tap.stop()));
  return {
    reports,
    packets: new Map(taps.map((tap) => [tap.plan.hop, tap.packets])),
    frames: taps.flatMap((tap) => tap.frames),
  };
};
