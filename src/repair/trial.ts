import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, KnownError } from '../model/errors.js';
import type { JournalEntry } from '../model/repair.js';
import { openJournal, readJournal } from './journal.js';
import { type Undone, undoRepair } from './undo.js';

/** Milliseconds between two tries for the journal, while another process has it. */
const PAUSE_MS = 300;

const isOpen = (entry: JournalEntry): boolean => entry.trial?.kept === false && entry.status !== 'undone';

/**
 * Keeps a repair that is on trial.
 * @throws KnownError when it is not on trial any more, or another process is at it
 */
export const keepTrial = async (folder: string, id: string): Promise<JournalEntry> => {
  const journal = await openJournal(folder);
  try {
    const entry = (await readJournal(folder)).find((candidate) => candidate.id === id || candidate.run.startsWith(id));
    if (entry?.trial === undefined || !isOpen(entry))
      throw new KnownError(`the repair ${id} is not on trial: ${entry?.status ?? 'not in the journal'}`, {
        exitCode: EXIT.refused,
      });
    const kept = { ...entry, trial: { ...entry.trial, kept: true } };
    journal.write(kept);
    return kept;
  } finally {
    journal.release();
  }
};

/** Takes back a repair that nobody has kept; `null` when it was kept or is back already. Waits for the journal. */
export const endTrial = async (folder: string, id: string, boundary: () => void): Promise<Undone | null> => {
  for (;;) {
    const journal = await openJournal(folder).catch((error: unknown) => {
      if (error instanceof KnownError && error.exitCode === EXIT.refused) return null;
      throw error;
    });
    if (journal === null) {
      await sleep(PAUSE_MS);
      continue;
    }
    try {
      const entry = (await readJournal(folder)).find((candidate) => candidate.id === id);
      return entry !== undefined && isOpen(entry) ? await undoRepair(entry, journal, boundary) : null;
    } finally {
      journal.release();
    }
  }
};
