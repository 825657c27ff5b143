import { setTimeout as sleep } from 'node:timers/promises';
import { openTraceInstance, type TraceInstance } from '../host/trace-instance.js';
import { TracefsUnavailable } from '../host/tracefs.js';
import type { Limit } from '../model/evidence.js';
import type { Family } from '../model/flow.js';
import { clockToEpochNs } from './clock.js';
import { witnessFilters } from './filters.js';
import type { Witnessed } from './kernel-drops.js';
import { TraceStream } from './trace-stream.js';

export interface WitnessOptions {
  /** IP lengths of the probe's packets, requests and replies, in bytes. */
  readonly lengths: readonly number[];
  readonly family: Family;
  /**
   * Interface names to which the events are limited as well. For lengths that other traffic has too (TCP); leave it empty
   * for a length that the probe alone has, so that a packet is also followed over devices that nobody expects.
   */
  readonly devices: readonly string[];
  /** Ends the witness when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each drop of a packet that may be ours. */
  readonly onDrop?: (() => void) | undefined;
}

/** The kernel's events, being read. */
export interface Witness {
  /** What has been read up to now. */
  readonly current: Witnessed;
  /** Waits until everything that the kernel has written by now is read, at most 200 ms. */
  settle(): Promise<void>;
  /** Ends the reading and gives all that was read. Callable more than once. */
  stop(): Promise<Witnessed>;
  /** Settles when the trace instance is removed, some 50 ms after the stop; never rejects. */
  readonly gone: Promise<void>;
}

const DEVICE_EVENTS = ['net/net_dev_queue', 'net/net_dev_xmit', 'net/netif_receive_skb'];
const DROP_EVENT = 'skb/kfree_skb';
/** An instance inherits the options that somebody set for all; these change how a line is printed. */
const UNWANTED = ['raw', 'hex', 'bin', 'verbose', 'fields', 'latency-format', 'hash-ptr', 'stacktrace'];
const SETTLE_MS = 200;

/**
 * Makes the kernel tell where packets of the given lengths go, and which packets it drops. Takes some 50 ms.
 * @returns the witness, or why there is none; never rejects for what the system lacks
 */
export const startWitness = async (options: WitnessOptions): Promise<Witness | { readonly unavailable: Limit }> => {
  try {
    const instance = await openTraceInstance();
    try {
      await configure(instance, options);
    } catch (error) {
      instance.remove();
      await instance.gone;
      throw new TracefsUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
    }
    return watch(instance, options);
  } catch (error) {
    if (!(error instanceof TracefsUnavailable)) throw error;
    return { unavailable: { what: 'kernel drop events', why: error.message, install: null } };
  }
};

/** The clock is CLOCK_MONOTONIC, which steps with nothing and is the same on all processors. */
const configure = async (instance: TraceInstance, { lengths, devices, family }: WitnessOptions): Promise<void> => {
  await instance.write('trace_clock', 'mono');
  const options = (await instance.read('trace_options'))?.split('\n') ?? [];
  for (const name of UNWANTED.filter((option) => options.includes(option)))
    await instance.write('trace_options', `no${name}`);
  if (options.includes('nocontext-info')) await instance.write('trace_options', 'context-info');
  const filters = witnessFilters(lengths, devices, family);
  for (const event of DEVICE_EVENTS) await instance.write(`events/${event}/filter`, filters.devices);
  await instance.write(`events/${DROP_EVENT}/filter`, filters.drops);
  for (const event of [...DEVICE_EVENTS, DROP_EVENT]) await instance.write(`events/${event}/enable`, '1');
};

const watch = (instance: TraceInstance, { signal, onDrop }: WitnessOptions): Witness => {
  const stream = new TraceStream(onDrop);
  const offset = clockToEpochNs();
  let marks = 0;
  let stopped: Promise<Witnessed> | null = null;
  instance.output.on('data', (chunk: Buffer) => stream.push(chunk));
  const current = (): Witnessed => ({ events: stream.events, lost: stream.lost, clockToEpochNs: offset });

  /** What was written before a marker is read before it. */
  const settle = async (): Promise<void> => {
    marks += 1;
    const mark = `settle ${marks}`;
    await instance.write('trace_marker', mark).catch(() => undefined);
    const deadline = performance.now() + SETTLE_MS;
    while (stream.marker !== mark && performance.now() < deadline && !instance.output.destroyed) await sleep(1);
  };
  const end = async (): Promise<Witnessed> => {
    for (const event of [...DEVICE_EVENTS, DROP_EVENT])
      await instance.write(`events/${event}/enable`, '0').catch(() => undefined);
    await settle();
    instance.remove();
    return current();
  };
  const stop = (): Promise<Witnessed> => {
    stopped ??= end().finally(() => signal?.removeEventListener('abort', stop));
    return stopped;
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) void stop();
  return {
    get current() {
      return current();
    },
    settle,
    stop,
    gone: instance.gone,
  };
};
