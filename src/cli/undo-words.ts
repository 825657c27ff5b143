import { EXIT, type ExitCode } from '../model/errors.js';
import { shellQuote } from '../model/inert.js';
import type { Undone } from '../repair/undo.js';

const shown = (value: string | null): string => value ?? 'absent';

/** How undoing ended, for a person, and the exit code. */
export const outcomeOf = (undone: Undone): { readonly words: string; readonly exitCode: ExitCode } => {
  if (undone.outcome === 'refused') {
    const lines = undone.conflicts.map(
      ({ facet, key, before, after, now }) =>
        `  ${facet} ${key}: was ${shown(before)}, we made it ${shown(after)}, now it is ${shown(now)}`,
    );
    return {
      words: ['somebody has changed the same since; nothing was changed:', ...lines].join('\n'),
      exitCode: EXIT.refused,
    };
  }
  if (undone.outcome === 'failed') {
    const lines = undone.restored.byHand.map((argv) => `  ${shellQuote(argv)}`);
    return { words: ['not everything is back; run by hand:', ...lines].join('\n'), exitCode: EXIT.rollbackFailed };
  }
  const lines = undone.restored.commands.map((argv) => `  ${shellQuote(argv)}`);
  const words = {
    undone: 'everything is back as it was before, and was read again to be sure',
    gone: `nothing to put back: ${undone.entry.note}`,
    nothing: 'nothing had been changed',
  }[undone.outcome];
  return { words: [words, ...lines].join('\n'), exitCode: EXIT.ok };
};
