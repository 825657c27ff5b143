import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, KnownError } from '../../model/errors.js';
import type { JournalEntry } from '../../model/repair.js';
import { journalFolder, openJournal, readJournal } from '../../repair/journal.js';
import { isBeforeReboot, isHere } from '../../repair/places.js';
import { endTrial } from '../../repair/trial.js';
import { ROLL_BACK_MS, undoRepair } from '../../repair/undo.js';
import { killAtBoundary } from '../boundary.js';
import { type CommandContext, jsonLine } from '../context.js';
import type { RawOptions } from '../settings.js';
import { outcomeOf } from '../undo-words.js';

/** Time goes on while a machine sleeps: the clock is looked at again. */
const LONGEST_SLEEP_MS = 1_000;

const isUndone = (entry: JournalEntry): boolean => entry.status === 'undone';

/** The entry that is meant; `null` when no repair is left to undo. @throws KnownError for a name that is not there */
const chosen = (entries: readonly JournalEntry[], name: string | undefined, last: boolean): JournalEntry | null => {
  if ((name === undefined) === !last)
    throw new KnownError('name one run, or --last', { exitCode: EXIT.usage, hint: 'vethoscope journal lists them' });
  const found =
    name === undefined
      ? entries.find((entry) => !isUndone(entry))
      : entries.find((entry) => entry.run.startsWith(name) || entry.id === name);
  if (found !== undefined || name === undefined) return found ?? null;
  throw new KnownError(`no repair of run ${JSON.stringify(name)} in the journal`, {
    exitCode: EXIT.usage,
    hint: 'vethoscope journal lists them',
  });
};

/** Takes back what a repair did. */
export const undo = async (
  context: CommandContext,
  [name]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const folder = journalFolder();
  if (typeof options['unlessKept'] === 'string') return watchTrial(folder, name ?? '', options['unlessKept']);
  const text = context.display.format === 'text';
  const journal = await openJournal(folder);
  try {
    const entries = (await readJournal(folder)).filter((entry) => isHere(entry) || isBeforeReboot(entry));
    const entry = chosen(entries, name, options['last'] === true);
    if (entry === null || isUndone(entry)) {
      const words = entry === null ? 'nothing to undo' : `undone already: ${entry.note}`;
      context.out(text ? `${words}\n` : jsonLine({ type: 'undo', outcome: 'nothing', entry: entry?.id ?? null }));
      return EXIT.ok;
    }
    context.allowForCleanup(ROLL_BACK_MS);
    const undone = await undoRepair(entry, journal, killAtBoundary(process.env));
    const { words, exitCode } = outcomeOf(undone);
    context.out(
      text
        ? `${words}\n`
        : jsonLine({
            type: 'undo',
            entry: entry.id,
            outcome: undone.outcome,
            ...(undone.outcome === 'refused'
              ? { conflicts: undone.conflicts, files: undone.files }
              : { commands: undone.restored.commands, files: undone.restored.files }),
          }),
    );
    return exitCode;
  } finally {
    journal.release();
  }
};

/** What `fix --try` starts before it changes anything: takes the repair back when its time is over, whoever lives. */
const watchTrial = async (folder: string, id: string, until: string): Promise<number> => {
  const at = Date.parse(until);
  while (Date.now() < at) await sleep(Math.min(at - Date.now(), LONGEST_SLEEP_MS));
  const undone = await endTrial(folder, id, () => undefined);
  return undone === null ? EXIT.ok : outcomeOf(undone).exitCode;
};
