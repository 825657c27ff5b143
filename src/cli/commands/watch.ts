import { watch as watching } from '../../engine/watch.js';
import { EXIT } from '../../model/errors.js';
import type { Watched } from '../../model/watch.js';
import { renderChange, renderWatched } from '../../report/watch-text.js';
import { type CommandContext, jsonLine } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { screenIsWanted } from '../screen-wish.js';
import { type RawOptions, traceSettingsFrom, watchLimitFrom } from '../settings.js';

/** Probes until it is stopped, and sums up. */
export const watch = async (
  context: CommandContext,
  [target = '', destination = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const settings = {
    ...traceSettingsFrom(target, destination, { ...options, count: '1' }, context.argv),
    maxDurationMs: watchLimitFrom(options),
  };
  if (screenIsWanted(context, options)) return (await import('../watch-screen.js')).watchOnScreen(context, settings);
  const { display } = context;
  const events = watching(settings, { signal: context.signal });
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return summedUp(context, next.value);
    if (next.value.type === 'change') {
      if (display.format === 'text') context.out(renderChange(next.value.change, context.terminal));
      else if (display.format === 'ndjson') context.out(jsonLine(next.value));
    }
    if (next.value.type === 'watched' && display.format === 'ndjson')
      context.out(jsonLine(withoutRun(next.value.watched)));
  }
};

/** Prints the summary. Without one answer it is a fault, with some loss it is degraded. */
export const summedUp = (context: CommandContext, watched: Watched): number => {
  const { display, terminal } = context;
  if (display.format === 'text') context.out(renderWatched(watched, terminal));
  else context.out(jsonLine(withoutRun(watched)));
  context.signal.throwIfAborted();
  const { lastRun, sent, answered } = watched;
  const code = lastRun === null ? EXIT.inconclusive : exitCodeOf(lastRun, display.failOn);
  return code === EXIT.ok && answered < sent ? EXIT.degraded : code;
};

const withoutRun = ({ lastRun, ...watched }: Watched) => ({
  type: 'watched',
  ...watched,
  diagnosis: lastRun?.diagnosis ?? null,
});
