import { listFolder, readTextFile } from '../host/files.js';
import type { SysctlLine } from '../model/sysctl-line.js';
import { parseSysctlConf } from '../parse/sysctl-conf.js';

/** A file of a folder replaces one of the same name in a later one. @see sysctl.d(5) */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];

/** Read after the folders: by procps, and by ufw when it is enabled. */
const LAST = ['/etc/sysctl.conf', '/etc/ufw/sysctl.conf'];

const LARGEST = 64 * 1024;

/** Network settings in the files of this host, in the order in which they are made. Never rejects: what cannot be read is left out. */
export const readSysctlFiles = async (folders = FOLDERS, last = LAST): Promise<readonly SysctlLine[]> => {
  const listed = await Promise.all(folders.map((folder) => listFolder(folder, isSettings).catch(() => [])));
  const byName = new Map<string, { readonly path: string; readonly modified: string }>();
  folders.forEach((folder, index) => {
    for (const { name, changedMs } of listed[index] ?? []) {
      if (byName.has(name)) continue;
      byName.set(name, { path: `${folder}/${name}`, modified: new Date(changedMs).toISOString() });
    }
  });
  const names = [...byName.keys()].sort();
  const others = await Promise.all(last.map(withTime));
  const files = [...names.flatMap((name) => byName.get(name) ?? []), ...others.flatMap((file) => file ?? [])];
  const read = await Promise.all(
    files.map(async ({ path, modified }) => {
      const text = await readTextFile(path, LARGEST).catch(() => '');
      return parseSysctlConf(text).map(({ key, value, line }) => ({ key, value, file: path, line, modified }));
    }),
  );
  return read.flat().filter(({ key }) => key.startsWith('net.'));
};

const isSettings = (name: string): boolean => name.endsWith('.conf');

const withTime = async (path: string) => {
  const cut = path.lastIndexOf('/');
  const [entry] = await listFolder(path.slice(0, cut), (name) => name === path.slice(cut + 1)).catch(() => []);
  return entry && { path, modified: new Date(entry.changedMs).toISOString() };
};
