import { shellQuote } from '../model/inert.js';
import type { RunEvent, RunPhase } from '../model/run.js';
import type { CommandContext } from './context.js';

/** What a person sees of a run while it goes on, on standard error. */
export interface Progress {
  show(event: RunEvent): void;
  stop(): void;
}

const PHASES: Readonly<Record<RunPhase, string>> = {
  resolve: 'looking up the target and the destination',
  discover: 'following the path',
  listen: 'starting the captures',
  probe: 'probing',
  settle: 'waiting for the last packets',
  diagnose: 'diagnosing',
};

const waitWords = ({ place, ms, traffic }: Extract<RunEvent, { type: 'wait' }>): string =>
  traffic
    ? `watching up to ${ms / 1000} s for ${place}; nothing is sent`
    : `waiting up to ${ms / 1000} s for a connection to ${place}: make one now, from where it fails`;

const announced =
  (context: CommandContext) =>
  (event: RunEvent): void => {
    if (event.type === 'wait' && !context.display.quiet) context.note(waitWords(event));
    if (event.type === 'announce' && context.display.verbose > 1)
      context.note(`${event.what}: ${shellQuote(event.command)}`);
  };

/**
 * A spinner where standard error is a terminal of known width and text was asked for, else nothing but the commands of
 * `-vv`. In a terminal of width 0 (as under script(1)) ora would clear lines without end.
 */
export const startProgress = async (context: CommandContext): Promise<Progress> => {
  const { display } = context;
  const animated =
    process.stderr.isTTY && process.stderr.columns > 0 && process.env['TERM'] !== 'dumb' && display.format === 'text';
  if (!animated || display.quiet || display.verbose > 1) return { show: announced(context), stop: () => undefined };
  const { default: ora } = await import('ora');
  const plain = context.terminal.color ? {} : { color: false as const };
  const spinner = ora({ stream: process.stderr, discardStdin: false, text: PHASES.resolve, ...plain }).start();
  return {
    show: (event) => {
      if (event.type === 'phase') spinner.text = PHASES[event.phase];
      if (event.type === 'wait') spinner.text = waitWords(event);
    },
    stop: () => void spinner.stop(),
  };
};
