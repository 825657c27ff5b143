import { EXIT } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { loadRun, pruneRuns, type StoredRun, storedRuns } from '../run-store.js';
import { ageFrom, type RawOptions } from '../settings.js';
import { table } from '../table.js';

const SHOWN = 20;

const described = async (stored: StoredRun) => {
  const run = await loadRun(stored.path).catch(() => null);
  return {
    id: stored.id,
    started: run?.run.started ?? new Date(stored.changedMs).toISOString(),
    target: run?.target.name ?? '?',
    destination: run?.flow.destination ?? '?',
    status: run?.diagnosis.status ?? 'unreadable',
    cause: run?.diagnosis.cause ?? null,
  };
};

/** Lists the newest stored runs. */
export const runs = async (context: CommandContext): Promise<number> => {
  const stored = await storedRuns();
  const rows = [];
  for (const run of stored.slice(0, SHOWN)) rows.push(await described(run));
  if (context.display.format !== 'text') context.out(jsonLine({ total: stored.length, runs: rows }));
  else if (rows.length === 0) context.out('no stored runs\n');
  else {
    const lines = rows.map((row) => [row.id, row.started, row.target, row.destination, row.status, row.cause ?? '']);
    context.out(table(['run', 'started', 'target', 'destination', 'status', 'cause'], lines));
    if (stored.length > SHOWN) context.note(`the newest ${SHOWN} of ${stored.length}`);
  }
  return EXIT.ok;
};

/** Removes old stored runs. */
export const prune = async (
  context: CommandContext,
  _args: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const dryRun = options['dryRun'] === true;
  const removed = await pruneRuns(ageFrom(String(options['olderThan'])), Date.now(), dryRun);
  const ids = removed.map((run) => run.id);
  if (context.display.format !== 'text') context.out(jsonLine({ dryRun, removed: ids }));
  else
    context.out(`${dryRun ? 'would remove' : 'removed'} ${ids.length} stored ${ids.length === 1 ? 'run' : 'runs'}\n`);
  return EXIT.ok;
};
