import { shellQuote } from '../../model/inert.js';
import type { Announced } from '../store/trace-state.js';
import { type Line, line, span } from './line.js';
import { pieces } from './wrap.js';

/** Every command that the trace ran, under what it was for; of one interface where one is selected. */
export const logLines = (announced: readonly Announced[], ifname: string | null, columns: number): readonly Line[] => {
  const words = (command: readonly string[]): boolean => ifname === null || command.includes(ifname);
  const chosen = announced.filter(({ command }) => words(command));
  if (chosen.length === 0) return [line('no command', 'faint')];
  return chosen.flatMap(({ what, command }) => [
    [span(what, 'strong')],
    ...pieces(shellQuote(command), columns - 2).map((piece): Line => [span('  '), span(piece)]),
  ]);
};
