import { join } from 'node:path';
import { makeOwnFolder, writeDurably } from '../host/durable-file.js';
import { lockFile } from '../host/file-lock.js';
import { errorCode, FileRefused, listFolder, readTextFile } from '../host/files.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { JournalEntry } from '../model/repair.js';

const MAX_BYTES = 64 * 1024 * 1024;
const ENTRY_FILE = /^(\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-z]{1,64})\.json$/;

/** `$VETHOSCOPE_STATE` or `/var/lib/vethoscope`, in which the journal is a folder. */
export const journalFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const chosen = environment['VETHOSCOPE_STATE'];
  return join(chosen?.startsWith('/') ? chosen : '/var/lib/vethoscope', 'journal');
};

const refuse = (folder: string, error: unknown): never => {
  const code = errorCode(error);
  if (code === null && !(error instanceof FileRefused)) throw error;
  throw new KnownError(`cannot use the journal ${folder}: ${(error as Error).message}`, {
    exitCode: code === 'EACCES' || code === 'EPERM' ? EXIT.noPrivilege : EXIT.refused,
    hint: code === null ? 'the journal must belong to the user who mends' : 'run it as root',
    cause: error,
  });
};

/** The right to change this host, for one process at a time. */
export interface Journal {
  readonly folder: string;
  /** Path of an entry's file. */
  pathOf(entry: Pick<JournalEntry, 'id'>): string;
  /** Writes an entry, and returns when it is on the disk. */
  write(entry: JournalEntry): void;
  release(): void;
}

/**
 * Opens the journal to write, and locks it.
 * @throws KnownError with exit code 9 when another process holds it
 */
export const openJournal = async (folder: string): Promise<Journal> => {
  try {
    makeOwnFolder(folder);
  } catch (error) {
    refuse(folder, error);
  }
  const lock = await lockFile(join(folder, 'lock')).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('spawn flock'))) throw error;
    throw new KnownError('flock is not installed', {
      exitCode: EXIT.missingProgram,
      hint: 'apt-get install util-linux',
    });
  });
  if (!lock.held)
    throw new KnownError(`another repair is going on (PID ${lock.by || 'unknown'})`, {
      exitCode: EXIT.refused,
      hint: 'wait until it has ended',
    });
  const pathOf: Journal['pathOf'] = ({ id }) => join(folder, `${id}.json`);
  return {
    folder,
    pathOf,
    write: (entry) => writeDurably(pathOf(entry), `${JSON.stringify(entry)}\n`),
    release: lock.release,
  };
};

const isEntry = (value: unknown): value is JournalEntry => {
  const entry = value as Partial<JournalEntry> | null;
  return (
    entry?.format === 1 &&
    typeof entry.id === 'string' &&
    typeof entry.boot === 'string' &&
    Array.isArray(entry.steps) &&
    Array.isArray(entry.netns) &&
    typeof entry.before === 'object'
  );
};

/**
 * The entries of the journal, the newest first.
 * @throws KnownError for one that cannot be read: a repair whose record is damaged must not go unnoticed
 */
export const readJournal = async (folder: string): Promise<readonly JournalEntry[]> => {
  const files = await listFolder(folder).catch((error: unknown) => refuse(folder, error));
  const entries: JournalEntry[] = [];
  for (const { name } of files.filter((file) => ENTRY_FILE.test(file.name)).toReversed()) {
    const path = join(folder, name);
    const value: unknown = await readTextFile(path, MAX_BYTES)
      .then((text): unknown => JSON.parse(text))
      .catch((error: unknown) => (error instanceof SyntaxError ? null : refuse(folder, error)));
    if (!isEntry(value))
      throw new KnownError(`the journal entry ${path} is damaged, or of another version of this program`, {
        exitCode: EXIT.refused,
        hint: 'what it stands for has to be undone by hand; then move the file away',
      });
    entries.push(value);
  }
  return entries;
};
