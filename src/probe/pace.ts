import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeSettings } from '../model/probe.js';

/**
 * Waits until the next probe is due.
 * @param before settles when the one before is answered
 * @param signal ends the wait when it aborts; never rejects
 */
export const untilNext = async (
  before: Promise<unknown> | undefined,
  { intervalMs, adaptive = false }: Pick<ProbeSettings, 'intervalMs' | 'adaptive'>,
  signal?: AbortSignal,
): Promise<void> => {
  if (before === undefined) return;
  // A timer that was overtaken must not keep the program.
  const interval = sleep(intervalMs, undefined, { signal, ref: !adaptive }).catch(() => {});
  await (adaptive ? Promise.race([before, interval]) : interval);
};
