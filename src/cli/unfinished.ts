import { EXIT, KnownError } from '../model/errors.js';
import { type Journal, readJournal } from '../repair/journal.js';
import { isHere } from '../repair/places.js';

/** A repair that was cut short leaves the host between two states, and one on trial may go: nothing is built on that. */
export const requireNothingUnfinished = async (journal: Journal): Promise<void> => {
  const here = (await readJournal(journal.folder)).filter(isHere);
  const cutShort = here.find((entry) => ['applying', 'applied', 'undoing'].includes(entry.status));
  if (cutShort !== undefined)
    throw new KnownError(`an earlier repair was cut short: ${cutShort.run}`, {
      exitCode: EXIT.refused,
      hint: `vethoscope undo ${cutShort.run}`,
    });
  const onTrial = here.find((entry) => entry.status === 'verified' && entry.trial?.kept === false);
  if (onTrial !== undefined)
    throw new KnownError(`the repair ${onTrial.run} is on trial until ${onTrial.trial?.until ?? 'it is kept'}`, {
      exitCode: EXIT.refused,
      hint: `vethoscope fix --keep ${onTrial.run}, or vethoscope undo ${onTrial.run}`,
    });
};
