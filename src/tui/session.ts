import { KnownError } from '../model/errors.js';
import type { Run, RunEvent } from '../model/run.js';
import { createStore, type Store } from './store/throttled-store.js';
import { foldTrace, startOfTrace, type TraceEvent, type TraceState } from './store/trace-state.js';

/** What is traced, as typed. */
export interface Subject {
  readonly target: string;
  readonly destination: string;
}

export interface Control {
  /** Ends the trace when it aborts. */
  readonly signal: AbortSignal;
  /** Settles when the person does not hold the probes; a watch awaits it before each round. */
  readonly resumed: () => Promise<void>;
}

/** What a trace or a watch tells the screen. */
export type SessionEvent = Extract<TraceEvent, RunEvent | { readonly type: 'round' | 'watched' }>;

/** Starts one trace or watch; ends with its last run. */
export type Tracer = (subject: Subject, control: Control) => AsyncGenerator<SessionEvent, Run | null>;

/** One subject and its traces, one after the other. Lives outside React. */
export interface Session {
  readonly subject: Subject;
  readonly store: Store<TraceState, TraceEvent>;
  /** Traces anew, unless a trace is running. */
  probe(): void;
  /** Holds the probes of a watch, or lets them go on. */
  hold(on: boolean): void;
  /** Ends the running trace; settles when it has cleaned up. */
  stop(): Promise<void>;
  /** The last run that ended with a diagnosis. */
  lastRun(): Run | null;
  /** Settles when a packet of the first probe was seen, its time is over, or the trace has ended. */
  readonly probed: Promise<void>;
}

export interface SessionOptions {
  readonly subject: Subject;
  readonly trace: Tracer;
  /** Called with each run that has ended. */
  readonly onRun: (run: Run) => void;
  /** Called with what the first trace throws, and with what no trace should throw. */
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

export const createSession = ({ subject, trace, onRun, onFailure, now = Date.now }: SessionOptions): Session => {
  const store = createStore<TraceState, TraceEvent>(startOfTrace(now()), foldTrace);
  let running: Promise<void> | null = null;
  let controller = new AbortController();
  let last: Run | null = null;

  let isProbed: () => void = () => {};
  const probed = new Promise<void>((resolve) => {
    isProbed = resolve;
  });
  let release: (() => void) | null = null;
  let resumed: Promise<void> = Promise.resolve();

  const hold = (on: boolean): void => {
    release?.();
    release = null;
    if (!on) return;
    resumed = new Promise((resolve) => {
      release = resolve;
    });
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    store.dispatch({ type: 'start', at: now() });
    try {
      const events = trace(subject, { signal, resumed: () => resumed });
      for (let next = await events.next(); ; next = await events.next()) {
        if (!next.done) {
          store.dispatch(next.value);
          if (isAfterProbe(next.value)) isProbed();
          continue;
        }
        if (next.value === null) return store.dispatch({ type: 'stopped', at: now() });
        last = next.value;
        store.dispatch({ type: 'finished', run: last, at: now() });
        return onRun(last);
      }
    } catch (error) {
      if (signal.aborted) store.dispatch({ type: 'stopped', at: now() });
      else if (last === null || !(error instanceof KnownError)) onFailure(error);
      else store.dispatch({ type: 'failed', message: error.message, hint: error.hint, at: now() });
    }
  };

  return {
    subject,
    store,
    probe: () => {
      if (running) return;
      controller = new AbortController();
      running = follow(controller.signal).finally(() => {
        running = null;
        isProbed();
      });
    },
    hold,
    stop: async () => {
      controller.abort();
      hold(false);
      await running;
      store.close();
    },
    lastRun: () => last,
    probed,
  };
};

const isAfterProbe = (event: SessionEvent): boolean =>
  event.type === 'arrival' || (event.type === 'phase' && event.phase === 'settle');
