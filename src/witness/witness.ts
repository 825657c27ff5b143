import { setTimeout as sleep } from 'node:timers/promises';
import { clockToEpochNs } from '../host/clock.js';
import type { TraceInstance } from '../host/trace-instance.js';
import { type Witnessing, witnessFilters } from './filters.js';
import type { Witnessed } from './kernel-drops.js';
import { TraceStream } from './trace-stream.js';

export interface WitnessOptions extends Witnessing {
  /**
   * Ask for the kernel's stack with each drop: it tells the hook of netfilter, and costs a busy host far more. Kernels that
   * print no function (before 6.1) are always asked.
   * @default false
   */
  readonly stacks?: boolean;
  /** Called for each drop of a packet that may be ours, as it is read. */
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

const SENT_EVENTS = ['net/net_dev_queue', 'net/net_dev_xmit'];
const RECEIVED_EVENT = 'net/netif_receive_skb';
const DROP_EVENT = 'skb/kfree_skb';
const ALL_EVENTS = [DROP_EVENT, ...SENT_EVENTS, RECEIVED_EVENT];
const SETTLE_MS = 200;

/**
 * Begins to witness with an instance that is set up.
 * Rejects with the system's error for a kernel without one of the events.
 */
export const startWitnessing = async (instance: TraceInstance, options: WitnessOptions): Promise<Witness> => {
  const stream = new TraceStream(options.onDrop);
  instance.output.on('data', (chunk: Buffer) => stream.push(chunk));
  const offset = clockToEpochNs();
  await enable(instance, options);
  const current = (): Witnessed => ({ events: stream.events, lost: stream.lost, clockToEpochNs: offset });

  let marks = 0;
  const settle = async (): Promise<void> => {
    marks += 1;
    const mark = `settle ${marks}`;
    instance.writeNow('trace_marker', mark);
    const deadline = performance.now() + SETTLE_MS;
    while (stream.marker !== mark && performance.now() < deadline && !instance.output.destroyed) await sleep(1);
  };

  let stopped: Promise<Witnessed> | null = null;
  const end = async (): Promise<Witnessed> => {
    const settled = settle();
    // Nothing overwrites what is not read yet.
    instance.writeNow('tracing_on', '0');
    await settled;
    instance.remove();
    return current();
  };
  return {
    get current() {
      return current();
    },
    settle,
    stop: () => {
      stopped ??= end();
      return stopped;
    },
    gone: instance.gone,
  };
};

const enable = async (instance: TraceInstance, options: WitnessOptions): Promise<void> => {
  const format = instance.read(`events/${DROP_EVENT}/format`) ?? '';
  const filters = witnessFilters(options, format);
  for (const event of SENT_EVENTS) await instance.write(`events/${event}/filter`, filters.sent);
  await instance.write(`events/${RECEIVED_EVENT}/filter`, filters.received);
  await instance.write(`events/${DROP_EVENT}/filter`, filters.drops);
  if (options.stacks || !format.includes('location=%pS'))
    await instance.write(`events/${DROP_EVENT}/trigger`, `stacktrace if ${filters.drops}`);
  for (const event of ALL_EVENTS) await instance.write(`events/${event}/enable`, '1');
};
