import { expect, test } from 'vitest';
import { type Clock, createStore } from '../../src/tui/store/throttled-store.js';
import { foldTrace, MAX_PACKETS, startOfTrace } from '../../src/tui/store/trace-state.js';
import { brokenForward, eventsOf, STARTED, sightingsOf } from '../helpers/tui-trace.js';

/** A clock that the test moves. */
const handClock = () => {
  let time = 0;
  let due: { at: number; call: () => void }[] = [];
  const clock: Clock = {
    now: () => time,
    later: (milliseconds, call) => {
      const entry = { at: time + milliseconds, call };
      due.push(entry);
      return () => {
        due = due.filter((one) => one !== entry);
      };
    },
  };
  const pass = (milliseconds: number): void => {
    time += milliseconds;
    const ready = due.filter(({ at }) => at <= time);
    due = due.filter(({ at }) => at > time);
    for (const { call } of ready) call();
  };
  return { clock, pass };
};

test('the first event is told at once, a thousand more at most ten times a second, and none is lost', () => {
  const { clock, pass } = handClock();
  const store = createStore(0, (sum: number, more: number) => sum + more, { clock });
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  store.dispatch(1);
  expect([told, store.snapshot()]).toEqual([1, 1]);
  for (let tick = 0; tick < 1000; tick += 1) {
    pass(1);
    store.dispatch(1);
  }
  pass(100);
  expect(store.snapshot()).toBe(1001);
  expect(told).toBeGreaterThan(5);
  expect(told).toBeLessThanOrEqual(12);
});

test('a snapshot stays the same object until something happens', () => {
  const { clock, pass } = handClock();
  const store = createStore({ events: 0 }, ({ events }, _event: string) => ({ events: events + 1 }), { clock });
  const first = store.snapshot();
  pass(500);
  expect(store.snapshot()).toBe(first);
  store.dispatch('a');
  store.dispatch('b');
  expect(store.snapshot()).toEqual({ events: 1 });
  store.flush();
  expect(store.snapshot()).toEqual({ events: 2 });
});

test('who has unsubscribed, or after close, is not called', () => {
  const { clock, pass } = handClock();
  const store = createStore(0, (sum: number, more: number) => sum + more, { clock });
  let told = 0;
  const stop = store.subscribe(() => {
    told += 1;
  });
  store.dispatch(1);
  store.dispatch(1);
  store.close();
  pass(1000);
  expect(told).toBe(1);
  stop();
  store.dispatch(1);
  store.flush();
  expect(told).toBe(1);
});

test('each probe counts once for a hop and a way', () => {
  const twice = [...sightingsOf({ requests: 3, replies: 2 }), ...sightingsOf({ requests: 3, replies: 2 })];
  const state = twice.reduce(
    (before, sighting) => foldTrace(before, { type: 'arrival', sighting }),
    startOfTrace(STARTED),
  );
  expect(state.seen['h3']).toEqual({ forward: [1, 2, 3], return: [1, 2, 3] });
  expect(state.seen['h4']).toEqual({ forward: [], return: [1, 2, 3] });
  expect(state.seen['h1']).toEqual({ forward: [1, 2, 3], return: [] });
});

test('the packet list is bounded and says how many it forgot', () => {
  const [sighting] = sightingsOf({ requests: 1, replies: null });
  let state = startOfTrace(STARTED);
  if (!sighting) throw new Error('no sighting');
  for (let index = 0; index < MAX_PACKETS + 70; index += 1) state = foldTrace(state, { type: 'arrival', sighting });
  expect([state.packets.length, state.forgotten]).toEqual([MAX_PACKETS, 70]);
});

test('a new start forgets the trace before', () => {
  const events = [
    ...eventsOf({ requests: 3, replies: null }),
    { type: 'finished', run: brokenForward(), at: STARTED } as const,
  ];
  const done = events.reduce(foldTrace, startOfTrace(STARTED));
  expect(done.status).toBe('done');
  expect(foldTrace(done, { type: 'start', at: 5 })).toEqual(startOfTrace(5));
});
