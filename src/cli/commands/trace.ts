import { EXIT } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { planOf, planText } from '../dry-run.js';
import { exitCodeOf } from '../exit-codes.js';
import { followed } from '../follow.js';
import { printRun } from '../print-run.js';
import { storeRun } from '../run-store.js';
import { type RawOptions, traceSettingsFrom } from '../settings.js';

/** Traces one flow and shows the diagnosis. */
export const trace = async (
  context: CommandContext,
  [target = '', destination = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const settings = traceSettingsFrom(target, destination, options, context.argv);
  const { result, events } = await followed(context, settings, { streaming: context.display.format === 'ndjson' });
  if (settings.dryRun) {
    const plan = planOf(events);
    context.out(context.display.format === 'text' ? planText(plan) : jsonLine({ type: 'plan', ...plan }));
    return EXIT.ok;
  }
  printRun(context, result);
  if (context.display.save) {
    const trouble = await storeRun(result);
    if (trouble !== null) context.note(`warning: the run is not stored: ${trouble}`);
  }
  return exitCodeOf(result, context.display.failOn);
};
