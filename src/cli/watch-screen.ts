import { type WatchSettings, watch } from '../engine/watch.js';
import { EXIT } from '../model/errors.js';
import type { Run } from '../model/run.js';
import { renderWatched } from '../report/watch-text.js';
import type { Control, SessionEvent, Subject } from '../tui/session.js';
import type { CommandContext } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { onScreen } from './on-screen.js';

/** Watches on the live screen, and prints the summary when it closes. */
export const watchOnScreen = async (context: CommandContext, settings: WatchSettings): Promise<number> => {
  const end = await onScreen(context, {
    subject: settings,
    limitMs: settings.maxDurationMs,
    trace: (what, control) => watching({ ...settings, ...what }, control),
    onRun: () => {},
    print: ({ watched }) => {
      if (watched) context.out(renderWatched(watched, context.terminal));
    },
  });
  if (!end?.watched?.lastRun) return EXIT.inconclusive;
  const code = exitCodeOf(end.watched.lastRun, context.display.failOn);
  return code === EXIT.ok && end.watched.answered < end.watched.sent ? EXIT.degraded : code;
};

/** The events of a watch as the screen takes them: all of the first round, of the others what moves. */
async function* watching(
  settings: WatchSettings & Subject,
  control: Control,
): AsyncGenerator<SessionEvent, Run | null> {
  const events = watch(settings, control);
  let round = 0;
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return next.value.lastRun;
    const told = next.value;
    if (told.type === 'watched') yield told;
    if (told.type !== 'round') continue;
    if (told.number !== round) yield { type: 'round', at: Date.now() };
    const moves = told.event.type === 'arrival' || told.event.type === 'path' || told.event.type === 'diagnosis';
    if (told.number === 1 || moves) yield told.event;
    round = told.number;
  }
}
