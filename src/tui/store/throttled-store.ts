/** A store outside React: what happens is folded into an immutable snapshot, and readers hear of it now and then. */
export interface Store<S, E> {
  dispatch(event: E): void;
  /** The snapshot that readers have been told of; for `useSyncExternalStore`. */
  snapshot(): S;
  subscribe(listener: () => void): () => void;
  /** Folds all that waits and tells the readers now. */
  flush(): void;
  /** Ends its timer. */
  close(): void;
}

export interface Clock {
  now(): number;
  /** Calls once after a time; gives a function that prevents it. */
  later(milliseconds: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  later: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** @param intervalMs least time between two notifications */
export const createStore = <S, E>(
  initial: S,
  fold: (state: S, event: E) => S,
  { intervalMs = 100, clock = systemClock }: { readonly intervalMs?: number; readonly clock?: Clock } = {},
): Store<S, E> => {
  let state = initial;
  let waiting: E[] = [];
  let toldAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;
  const listeners = new Set<() => void>();

  const flush = (): void => {
    cancel?.();
    cancel = null;
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    state = events.reduce(fold, state);
    toldAt = clock.now();
    for (const listener of [...listeners]) listener();
  };

  return {
    dispatch: (event) => {
      waiting.push(event);
      if (cancel !== null) return;
      const wait = toldAt + intervalMs - clock.now();
      if (wait <= 0) flush();
      else cancel = clock.later(wait, flush);
    },
    snapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    flush,
    close: () => {
      cancel?.();
      cancel = null;
    },
  };
};
