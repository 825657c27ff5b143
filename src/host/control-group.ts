import { readFileSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A mount of the unified hierarchy: the folder, and which control group it shows there. */
interface Mount {
  readonly folder: string;
  readonly root: string;
}

const unescaped = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Where control groups of version 2 are mounted for us. @see proc_pid_mountinfo(5) */
export const controlGroupMount = (mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): Mount | null => {
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, folder] = before.split(' ').map(unescaped);
    if (after.startsWith('cgroup2 ') && root !== undefined && folder !== undefined) return { folder, root };
  }
  return null;
};

/**
 * The folder of a process's control group of version 2; `null` where it has none, or one that is not mounted for us.
 * @param text of /proc/PID/cgroup
 * @see cgroups(7)
 */
export const controlGroupFolder = (text: string, mount = controlGroupMount()): string | null => {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  if (mount === null || path === undefined || /^\/\.\.(?:\/|$)/.test(path) || path.endsWith(' (deleted)')) return null;
  if (mount.root === '/') return join(mount.folder, path);
  const isBelow = path === mount.root || path.startsWith(`${mount.root}/`);
  return isBelow ? join(mount.folder, path.slice(mount.root.length)) : null;
};

/** The control group of a running process; `null` as for {@link controlGroupFolder}, and when it has ended. */
export const controlGroupOf = (pid: number): string | null => {
  try {
    return controlGroupFolder(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    return null;
  }
};

const ENTER =
  'echo $$ 2>/dev/null >"$0/cgroup.procs" || { echo "cannot enter the control group $0" >&2; exit 1; }; exec "$@"';

/** The command that enters a control group before it runs `argv`, which keeps the PID. It leaves with its end. */
export const inControlGroup = (folder: string | undefined, argv: readonly string[]): readonly string[] =>
  folder === undefined ? argv : ['sh', '-c', ENTER, folder, ...argv];

/** Names of the control groups at the top of the hierarchy; none where it is not mounted. */
export const topControlGroups = async (): Promise<readonly string[]> => {
  const mount = controlGroupMount();
  return mount === null ? [] : readdir(mount.folder).catch(() => []);
};

/** Removes an empty control group at the top of the hierarchy. Never rejects. @returns whether it is gone */
export const removeControlGroup = async (name: string): Promise<boolean> => {
  const mount = controlGroupMount();
  return (
    mount === null ||
    rmdir(join(mount.folder, name)).then(
      () => true,
      () => false,
    )
  );
};
