import { limitedRun } from '../engine/limited-run.js';
import { EXIT } from '../model/errors.js';
import type { Run } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { CommandContext } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { onScreen } from './on-screen.js';
import { printRun } from './print-run.js';
import { storeRun } from './run-store.js';

/**
 * Traces on the live screen, and prints the short diagnosis when it closes. An empty target or destination is asked for
 * on the screen.
 */
export const traceOnScreen = async (context: CommandContext, settings: TraceSettings): Promise<number> => {
  const { display } = context;
  const troubles = new Set<string>();
  const keep = async (run: Run): Promise<void> => {
    const trouble = display.save ? await storeRun(run) : null;
    if (trouble !== null) troubles.add(trouble);
  };
  const end = await onScreen(context, {
    subject: settings,
    limitMs: settings.timeoutMs,
    trace: (what, { signal }) => limitedRun({ ...settings, ...what }, { signal }),
    onRun: (run) => void keep(run),
    print: (state) => {
      if (state.run) printRun(context, state.run);
    },
  });
  for (const trouble of troubles) context.note(`warning: the run is not stored: ${trouble}`);
  if (end === null) return EXIT.ok;
  if (end.run) return exitCodeOf(end.run, display.failOn);
  context.note('stopped before a diagnosis');
  return EXIT.interrupted;
};
