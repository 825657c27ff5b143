import { limitedRun } from '../engine/limited-run.js';
import { RUN_FORMAT_VERSION, type Run, type RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { VERSION } from '../version.js';
import { type CommandContext, jsonLine } from './context.js';
import { startProgress } from './progress.js';

/** Runs the engine within the time limit, shows its progress, and writes its events where they are streamed. */
export const followed = async (
  context: CommandContext,
  settings: TraceSettings,
  options: { readonly streaming: boolean } = { streaming: false },
): Promise<{ result: Run; events: readonly RunEvent[] }> => {
  const streaming = options.streaming && !settings.dryRun;
  const progress = await startProgress(context);
  const events: RunEvent[] = [];
  try {
    if (streaming) context.out(jsonLine({ type: 'version', version: VERSION, formatVersion: RUN_FORMAT_VERSION }));
    const generator = limitedRun(settings, { signal: context.signal });
    for (let next = await generator.next(); ; next = await generator.next()) {
      if (next.done) return { result: next.value, events };
      progress.show(next.value);
      if (streaming) context.out(jsonLine(next.value));
      if (settings.dryRun) events.push(next.value);
    }
  } finally {
    progress.stop();
  }
};
