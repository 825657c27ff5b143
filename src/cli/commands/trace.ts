import { EXIT, KnownError } from '../../model/errors.js';
import type { Run } from '../../model/run.js';
import { type CommandContext, jsonLine } from '../context.js';
import { planOf, planText } from '../dry-run.js';
import { exitCodeOf } from '../exit-codes.js';
import { followed } from '../follow.js';
import { printRun } from '../print-run.js';
import { storeRun } from '../run-store.js';
import { screenIsWanted } from '../screen-wish.js';
import { type RawOptions, traceSettingsFrom } from '../settings.js';

/** Traces one flow and shows the diagnosis. */
export const trace = async (
  context: CommandContext,
  [target = '', destination = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const settings = traceSettingsFrom(target, destination, options, context.argv);
  if (!settings.dryRun && !settings.inbound && !settings.traffic && screenIsWanted(context, options))
    return (await import('../trace-screen.js')).traceOnScreen(context, settings);
  requireBoth(target, settings.traffic ? 'of its own' : destination);
  const finish = async (run: Run): Promise<void> => {
    printRun(context, run);
    const trouble = context.display.save ? await storeRun(run) : null;
    if (trouble !== null) context.note(`warning: the run is not stored: ${trouble}`);
  };
  const streaming = context.display.format === 'ndjson';
  const { result, events } = await followed(context, settings, { streaming, finish });
  if (settings.dryRun) {
    const plan = planOf(events);
    context.out(context.display.format === 'text' ? planText(plan) : jsonLine({ type: 'plan', ...plan }));
    return EXIT.ok;
  }
  return exitCodeOf(result, context.display.failOn);
};

const requireBoth = (target: string, destination: string): void => {
  if (target !== '' && destination !== '') return;
  throw new KnownError(`missing required argument '${target === '' ? 'target' : 'destination'}'`, {
    exitCode: EXIT.usage,
    hint: 'vethoscope trace --help',
  });
};
