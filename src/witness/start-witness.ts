import { openTraceInstance, type TraceInstance } from '../host/trace-instance.js';
import { TracefsUnavailable } from '../host/tracefs.js';
import type { Limit } from '../model/evidence.js';
import { startWitnessing, type Witness, type WitnessOptions } from './witness.js';

/** Why there is no witness. */
export interface NoWitness {
  readonly unavailable: Limit;
}

/** A trace instance that is set up and writes nothing yet. */
export interface PreparedWitness {
  /** Begins to witness; takes some milliseconds. Callable once. */
  start(options: WitnessOptions): Promise<Witness | NoWitness>;
  /** Ends it where it is not to be started; also from an exit handler. */
  close(): void;
  /** Settles when the instance and its reader are gone; never rejects. */
  readonly gone: Promise<void>;
}

/** An instance inherits the options that somebody set for all; these change how a line is printed. */
const UNWANTED = ['raw', 'hex', 'bin', 'verbose', 'fields', 'latency-format', 'hash-ptr', 'stacktrace'];

/**
 * Makes a trace instance, which takes the kernel some 50 ms: begin it before the probe's length is known.
 * @param signal ends the witness when it aborts, whether started or not
 * @returns the instance, or why there is none; never rejects for what the system lacks
 */
export const prepareWitness = (signal?: AbortSignal): Promise<PreparedWitness | NoWitness> =>
  orUnavailable(async () => {
    requireWanted(signal);
    const instance = await openTraceInstance();
    signal?.addEventListener('abort', instance.remove);
    await orRemoved(instance, async () => {
      requireWanted(signal);
      await setUp(instance);
    });
    void instance.gone.then(() => signal?.removeEventListener('abort', instance.remove));
    return {
      start: (options) => orUnavailable(() => orRemoved(instance, () => startWitnessing(instance, options))),
      close: instance.remove,
      gone: instance.gone,
    };
  });

/**
 * Makes the kernel tell where packets of the given lengths go, and which of them it drops.
 * @returns the witness, or why there is none; never rejects for what the system lacks
 */
export const startWitness = async (
  options: WitnessOptions & { readonly signal?: AbortSignal | undefined },
): Promise<Witness | NoWitness> => {
  const prepared = await prepareWitness(options.signal);
  return 'unavailable' in prepared ? prepared : prepared.start(options);
};

const requireWanted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new TracefsUnavailable('the run was stopped');
};

const setUp = async (instance: TraceInstance): Promise<void> => {
  const options = instance.read('trace_options')?.split('\n') ?? [];
  for (const name of UNWANTED) if (options.includes(name)) await instance.write('trace_options', `no${name}`);
  if (options.includes('nocontext-info')) await instance.write('trace_options', 'context-info');
};

const orRemoved = async <T>(instance: TraceInstance, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    instance.remove();
    await instance.gone;
    throw new TracefsUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

const orUnavailable = async <T>(work: () => Promise<T>): Promise<T | NoWitness> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TracefsUnavailable)) throw error;
    return { unavailable: { what: 'kernel drop events', why: error.message, install: null } };
  }
};
