import type { RunEvent, RunPhase } from '../model/run.js';
import type { CommandContext } from './context.js';
import { shellWords } from './shell-words.js';

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

const announced =
  (context: CommandContext) =>
  (event: RunEvent): void => {
    if (event.type === 'announce' && context.display.verbose > 1)
      context.note(`${event.what}: ${shellWords(event.command)}`);
  };

/** A spinner where standard error is a terminal and text was asked for, else nothing but the commands of `-vv`. */
export const startProgress = async (context: CommandContext): Promise<Progress> => {
  const { display } = context;
  const animated = process.stderr.isTTY && process.env['TERM'] !== 'dumb' && display.format === 'text';
  if (!animated || display.quiet || display.verbose > 1) return { show: announced(context), stop: () => undefined };
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false, text: PHASES.resolve }).start();
  return {
    show: (event) => {
      if (event.type === 'phase') spinner.text = PHASES[event.phase];
    },
    stop: () => void spinner.stop(),
  };
};
