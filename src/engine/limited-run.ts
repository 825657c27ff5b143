import { setMaxListeners } from 'node:events';
import { EXIT, KnownError } from '../model/errors.js';
import type { Run, RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { type RunOptions, run } from './run.js';

/** One trace within its time limit, which counts from its turn on. @throws KnownError when the limit is reached before a diagnosis */
export async function* limitedRun(
  settings: TraceSettings,
  { signal: outer, turn = Promise.resolve(), onDocument }: RunOptions,
): AsyncGenerator<RunEvent, Run> {
  const stop = new AbortController();
  const limit = stop.signal;
  void turn.then(() => AbortSignal.timeout(settings.timeoutMs).addEventListener('abort', () => stop.abort()));
  const signal = AbortSignal.any([outer, limit]);
  setMaxListeners(0, signal);
  try {
    return yield* run(settings, { signal, turn, onDocument });
  } catch (error) {
    if (!limit.aborted || outer.aborted) throw error;
    throw new KnownError(`no diagnosis within ${settings.timeoutMs} ms`, {
      exitCode: EXIT.timeout,
      hint: 'a longer limit: --timeout 60s',
      cause: error,
    });
  }
}
