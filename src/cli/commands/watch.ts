import { watch as watching } from '../../engine/watch.js';
import { EXIT } from '../../model/errors.js';
import type { Watched } from '../../model/watch.js';
import { renderChange, renderWatched } from '../../report/watch-text.js';
import { type CommandContext, jsonLine } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { printRun } from '../print-run.js';
import { storeRun } from '../run-store.js';
import { screenIsWanted } from '../screen-wish.js';
import { type RawOptions, traceSettingsFrom, watchLimitsFrom } from '../settings.js';

/** Probes until it is stopped, and sums up. */
export const watch = async (
  context: CommandContext,
  [target = '', destination = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const settings = {
    ...traceSettingsFrom(target, destination, { ...options, count: '1' }, context.argv),
    ...watchLimitsFrom(options),
  };
  if (!settings.untilFault && screenIsWanted(context, options))
    return (await import('../watch-screen.js')).watchOnScreen(context, settings);
  const { display } = context;
  const events = watching(settings, { signal: context.signal });
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return settings.untilFault ? caught(context, next.value) : summedUp(context, next.value);
    if (next.value.type === 'change') {
      if (display.format === 'text') context.out(renderChange(next.value.change, context.terminal));
      else if (display.format === 'ndjson') context.out(jsonLine(next.value));
    }
    if (next.value.type === 'watched' && display.format === 'ndjson')
      context.out(jsonLine(withoutRun(next.value.watched)));
  }
};

/**
 * Prints the summary and the fault that was waited for: as the round after it shows it, whose state has settled, unless all
 * was well again. Stored with it is the latest round before.
 */
const caught = async (context: CommandContext, watched: Watched): Promise<number> => {
  const code = summedUp(context, watched);
  const { lastRun, lastOk, fault } = watched;
  if (fault === null || lastRun === null) return code;
  const shown = lastRun.diagnosis.status === 'ok' ? fault : lastRun;
  if (context.display.format === 'text') printRun(context, shown);
  if (!context.display.save) return code;
  const runs = new Set([...(lastOk === null ? [] : [lastOk]), fault, shown]);
  for (const run of runs) {
    const trouble = await storeRun(run);
    if (trouble === null) continue;
    context.note(`warning: the run is not stored: ${trouble}`);
    return code;
  }
  context.note(
    lastOk === null
      ? `stored: run ${shown.run.id}`
      : `stored: run ${shown.run.id}, and ${lastOk.run.id} from before: vethoscope diff ${lastOk.run.id} ${shown.run.id}`,
  );
  return code;
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

const withoutRun = ({ lastRun, lastOk: _ok, fault: _fault, ...watched }: Watched) => ({
  type: 'watched',
  ...watched,
  diagnosis: lastRun?.diagnosis ?? null,
});
