import { EXIT } from '../../model/errors.js';
import { journalFolder, readJournal } from '../../repair/journal.js';
import { type CommandContext, jsonLine } from '../context.js';
import { table } from '../table.js';

/** Lists every repair that was made here, the newest first. */
export const journal = async (context: CommandContext): Promise<number> => {
  const entries = await readJournal(journalFolder());
  if (context.display.format !== 'text') {
    context.out(jsonLine({ entries: entries.map(({ before: _, goal: __, ...entry }) => entry) }));
    return EXIT.ok;
  }
  if (entries.length === 0) {
    context.out('no repair was made here\n');
    return EXIT.ok;
  }
  const rows = entries.map((entry) => [
    entry.run,
    entry.started.slice(0, 19).replace('T', ' '),
    entry.status,
    `${entry.target} to ${entry.destination}`,
    entry.steps.map((step) => step.subject).join('; '),
  ]);
  context.out(table(['run', 'when (UTC)', 'state', 'flow', 'changes'], rows));
  return EXIT.ok;
};
