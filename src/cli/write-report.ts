import { join } from 'node:path';
import { errorCode, FileRefused, makePrivateFolder, removeFile, writePrivateFile } from '../host/files.js';
import { stateFolder } from '../host/state-folder.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Run } from '../model/run.js';
import type { ReportFile } from '../report/files.js';
import { reportFiles } from '../report/files.js';
import { redactRun } from '../report/redact/redact-run.js';
import { earlierMap, storeMap } from './redaction-store.js';

/**
 * Writes the redacted report of a run into the state folder, for a ticket.
 * @returns the path of the HTML page
 * @throws KnownError where it cannot be written
 */
export const writeOwnReport = async (run: Run): Promise<string> => {
  const redacted = redactRun(run, { map: await earlierMap() });
  const { path } = await stateFolder();
  return writing(async () => {
    await storeMap(run.run.id, redacted);
    const [page = ''] = await writeFiles(
      reportFiles(redacted.run, ['html'], { failOn: 'error' }),
      join(path, 'reports'),
    );
    return page;
  });
};

/** All the files, or none. @throws the system's error */
export const writeFiles = async (files: readonly ReportFile[], folder: string): Promise<readonly string[]> => {
  const { owner } = await stateFolder();
  makePrivateFolder(folder, owner);
  const written: string[] = [];
  try {
    for (const file of files) {
      const path = join(folder, file.name);
      writePrivateFile(path, file.content, owner);
      written.push(path);
    }
    return written;
  } catch (error) {
    for (const path of written) removeFile(path, owner);
    throw error;
  }
};

/** Runs what writes. @throws KnownError in place of the system's errors */
export const writing = async <T>(action: () => Promise<T>): Promise<T> => {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof FileRefused) && errorCode(error) === null) throw error;
    throw new KnownError(`cannot write: ${(error as Error).message}`, { exitCode: EXIT.usage, cause: error });
  }
};
