import { ask } from '../host/stdin.js';
import { EXIT } from '../model/errors.js';
import type { JournalEntry } from '../model/repair.js';
import { journalFolder } from '../repair/journal.js';
import { endTrial, keepTrial } from '../repair/trial.js';
import { type CommandContext, jsonLine } from './context.js';
import { outcomeOf } from './undo-words.js';

/**
 * A repair that works, until its time is over. On a terminal the person is asked; without one it is kept by another
 * command or not at all. When the terminal is lost it is taken back at once.
 */
export const onTrial = async (
  context: CommandContext,
  entry: JournalEntry,
  until: number,
  { canAsk, what }: { readonly canAsk: boolean; readonly what: 'fix' | 'build' },
): Promise<number> => {
  const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
  const text = context.display.format === 'text';
  context.out(
    text
      ? `${what === 'fix' ? 'mended: the flow works' : 'built'}. Rolled back by itself in ${seconds} s unless you keep it:  vethoscope fix --keep ${entry.run}\n`
      : jsonLine({ type: what, outcome: 'on-trial', entry: entry.id, until: entry.trial?.until }),
  );
  if (!canAsk) return EXIT.ok;
  const over = AbortSignal.any([context.signal, AbortSignal.timeout(Math.max(1, until - Date.now()))]);
  const answer = await ask('Type the word keep to keep it, anything else to undo it now: ', over).catch(() => null);
  if (answer?.trim() === 'keep') {
    await keepTrial(journalFolder(), entry.id);
    context.note(`kept.  Undo at any time:  vethoscope undo ${entry.run}`);
    return EXIT.ok;
  }
  const undone = await endTrial(journalFolder(), entry.id, () => undefined);
  context.note(undone === null ? 'rolled back' : outcomeOf(undone).words);
  return undone === null ? EXIT.ok : outcomeOf(undone).exitCode;
};
