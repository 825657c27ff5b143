import { EXIT, type ExitCode } from '../model/errors.js';
import { inert, shellQuote } from '../model/inert.js';
import type { FileConflict } from '../repair/persist/write-files.js';
import type { Undone } from '../repair/undo.js';

const shown = (value: string | null): string => value ?? 'absent';

/** Lines of a text that another has not. */
const beside = (text: string | null, other: string | null): readonly string[] => {
  const known = new Set(other?.split('\n'));
  return text?.split('\n').filter((line) => !known.has(line)) ?? [];
};

/** What we added to a file, and what somebody else has added and taken away since. */
const threeWays = ({ before, after, now }: FileConflict): readonly string[] => [
  ...beside(after, before).map((line) => `    we added    ${inert(line)}`),
  ...beside(now, after).map((line) => `    added since ${inert(line)}`),
  ...beside(after, now).map((line) => `    gone since  ${inert(line)}`),
  ...(now === null ? ['    the file is gone'] : []),
];

/** How undoing ended, for a person, and the exit code. */
export const outcomeOf = (undone: Undone): { readonly words: string; readonly exitCode: ExitCode } => {
  if (undone.outcome === 'refused') {
    const lines = undone.conflicts.map(({ facet, key, before, after, now, needs }) =>
      needs === undefined
        ? `  ${facet} ${key}: was ${shown(before)}, we made it ${shown(after)}, now it is ${shown(now)}`
        : `  ${facet} ${key}: was absent, we left it absent, now it is ${shown(now)}; it needs ${needs}`,
    );
    const files = undone.files.flatMap((file) => [`  file ${file.path}`, ...threeWays(file)]);
    lines.push(...files);
    return {
      words: ['somebody has changed the same since, or relies on it; nothing was changed:', ...lines].join('\n'),
      exitCode: EXIT.refused,
    };
  }
  if (undone.outcome === 'failed') {
    const lines = undone.restored.byHand.map((argv) => `  ${shellQuote(argv)}`);
    return { words: ['not everything is back; run by hand:', ...lines].join('\n'), exitCode: EXIT.rollbackFailed };
  }
  const lines = [
    ...undone.restored.commands.map((argv) => `  ${shellQuote(argv)}`),
    ...undone.restored.files.map((path) => `  ${inert(path)} is as before`),
  ];
  const words = {
    undone: 'everything is back as it was before, and was read again to be sure',
    gone: `nothing to put back: ${undone.entry.note}`,
    nothing: 'nothing had been changed',
  }[undone.outcome];
  return { words: [words, ...lines].join('\n'), exitCode: EXIT.ok };
};
