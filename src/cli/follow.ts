import { limitedRun } from '../engine/limited-run.js';
import { RUN_FORMAT_VERSION, type Run, type RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { VERSION } from '../version.js';
import { type CommandContext, jsonLine } from './context.js';
import { startProgress } from './progress.js';

export interface FollowOptions {
  readonly streaming?: boolean;
  /** Shows or keeps the run, while what it started is being taken away. */
  readonly finish?: (run: Run) => Promise<void>;
}

/** Runs the engine within the time limit, shows its progress, and writes its events where they are streamed. */
export const followed = async (
  context: CommandContext,
  settings: TraceSettings,
  options: FollowOptions = {},
): Promise<{ result: Run; events: readonly RunEvent[] }> => {
  const streaming = options.streaming === true && !settings.dryRun;
  const progress = await startProgress(context);
  const events: RunEvent[] = [];
  try {
    if (streaming) context.out(jsonLine({ type: 'version', version: VERSION, formatVersion: RUN_FORMAT_VERSION }));
    let finished: Promise<void> | undefined;
    const onDocument = (run: Run): void => {
      progress.stop();
      finished = options.finish?.(run);
    };
    const generator = limitedRun(settings, { signal: context.signal, onDocument });
    for (let next = await generator.next(); ; next = await generator.next()) {
      if (next.done) {
        await finished;
        return { result: next.value, events };
      }
      progress.show(next.value);
      if (streaming) context.out(jsonLine(next.value));
      if (settings.dryRun) events.push(next.value);
    }
  } finally {
    progress.stop();
  }
};
