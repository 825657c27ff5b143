import { expect, test } from 'vitest';
import { untilNext } from '../../../src/probe/pace.js';

const NEVER = new Promise<void>(() => {});
const HOUR_MS = 3_600_000;

/** Whether it settles before the timers that are due by then. */
const isDue = async (wait: Promise<void>, withinMs = 50): Promise<boolean> =>
  Promise.race([wait.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, withinMs, false))]);

test('the first is sent at once', async () => {
  expect(await isDue(untilNext(undefined, { intervalMs: HOUR_MS }))).toBe(true);
});

test('an adaptive one follows the answer, and the interval where none comes', async () => {
  expect(await isDue(untilNext(Promise.resolve(), { intervalMs: HOUR_MS, adaptive: true }))).toBe(true);
  expect(await isDue(untilNext(NEVER, { intervalMs: 5, adaptive: true }))).toBe(true);
  expect(await isDue(untilNext(NEVER, { intervalMs: HOUR_MS, adaptive: true }))).toBe(false);
});

test('any other waits the interval, answered or not, until it is ended', async () => {
  const end = new AbortController();
  const wait = untilNext(Promise.resolve(), { intervalMs: HOUR_MS }, end.signal);
  expect(await isDue(wait)).toBe(false);
  end.abort();
  expect(await isDue(wait)).toBe(true);
});
