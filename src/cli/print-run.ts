import type { Run } from '../model/run.js';
import { renderJson } from '../report/json.js';
import { renderText } from '../report/text.js';
import { type CommandContext, jsonLine } from './context.js';

/** Short on a terminal, full with `-v` and where the output is kept, the headline alone with `-q`. */
const formOf = ({ display, terminal }: CommandContext): 'short' | 'full' | 'quiet' => {
  if (display.quiet) return 'quiet';
  return display.verbose > 0 || !terminal.interactive ? 'full' : 'short';
};

/** Prints a run in the form that was asked for. */
export const printRun = (context: CommandContext, run: Run): void => {
  const { terminal, display } = context;
  if (display.format === 'json') context.out(renderJson(run));
  else if (display.format === 'ndjson') context.out(jsonLine({ type: 'run', run }));
  else {
    const { color, ascii, width } = terminal;
    context.out(renderText(run, { form: formOf(context), color, ascii, width }));
  }
};
