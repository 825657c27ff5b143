import { screenObstacle } from '../tui/terminal/size.js';
import type { CommandContext } from './context.js';
import type { RawOptions } from './settings.js';

/** Whether the live screen is to be opened. Says why not, where that is not plain. */
export const screenIsWanted = ({ display, note }: CommandContext, options: RawOptions): boolean => {
  if (options['tui'] === false || display.format !== 'text' || display.quiet || display.verbose > 1) return false;
  const obstacle = screenObstacle(process.stdout, process.stdin, process.env);
  if (obstacle !== null && !obstacle.quiet) note(obstacle.reason);
  return obstacle === null;
};
