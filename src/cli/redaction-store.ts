import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder, readTextFile, writePrivateFile } from '../host/files.js';
import { stateFolder } from '../host/state-folder.js';
import type { Redacted, RedactionMap } from '../report/redact/redact-run.js';

const MOST_MAP_BYTES = 64 * 1024 * 1024;
const HOST_MAP = 'host.json';

const aliases = z.record(z.string(), z.string());
const redactionMap = z.object({
  version: z.literal(1),
  networks: aliases,
  hosts: aliases,
  macs: aliases,
  names: z.record(z.string(), aliases),
});

const folderOf = async () => {
  const { path, owner } = await stateFolder();
  return { state: path, folder: join(path, 'redaction'), owner };
};

/** The aliases of this host's earlier reports; none when there are none or the file is damaged. */
export const earlierMap = async (): Promise<RedactionMap | undefined> => {
  const { folder } = await folderOf();
  try {
    const text = await readTextFile(join(folder, HOST_MAP), MOST_MAP_BYTES);
    return redactionMap.parse(JSON.parse(text)) as RedactionMap;
  } catch {
    return undefined;
  }
};

/**
 * Stores which alias stands for what (mode 0600): for this run, and for later reports of this host.
 * @returns the path of the run's file
 * @throws the system's error
 */
export const storeMap = async (runId: string, { map, pairs }: Redacted): Promise<string> => {
  const { state, folder, owner } = await folderOf();
  makePrivateFolder(state, owner);
  makePrivateFolder(folder, owner);
  const path = join(folder, `${runId.replace(/[^0-9A-Za-z]/g, '').slice(0, 40) || 'unnamed'}.json`);
  writePrivateFile(
    path,
    `${JSON.stringify({ version: 1, run: runId, aliases: Object.fromEntries(pairs) }, null, 2)}\n`,
    owner,
  );
  writePrivateFile(join(folder, HOST_MAP), `${JSON.stringify(map, null, 2)}\n`, owner);
  return path;
};
