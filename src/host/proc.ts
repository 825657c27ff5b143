import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Magic number of nsfs, the file system of namespace files. @see statfs(2) */
const NSFS_MAGIC = 0x6e736673;

/** Where `ip netns add` puts its names. */
export const NETNS_FOLDER = '/run/netns';

export type NetnsFile =
  | { readonly kind: 'netns'; readonly inode: number }
  /** `other-namespace` is a namespace file, but of another type. */
  | { readonly kind: 'missing' | 'not-permitted' | 'no-namespace' | 'other-namespace' };

/** What a path leads to. A bind mount does not tell its type: that it is a network namespace is then taken for granted. */
export const inspectNetnsFile = (path: string): NetnsFile => {
  try {
    const { ino } = statSync(path);
    if (statfsSync(path).type !== NSFS_MAGIC) return { kind: 'no-namespace' };
    const type = linkTarget(path)?.match(/^([a-z_]+):\[\d+\]$/)?.[1];
    return type === undefined || type === 'net' ? { kind: 'netns', inode: ino } : { kind: 'other-namespace' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'not-permitted' };
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return { kind: 'missing' };
    if (typeof code === 'string') return { kind: 'no-namespace' };
    throw error;
  }
};

const linkTarget = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
};

/** A path whose folder is spelled without symbolic links; unchanged where there is no such folder. */
export const withRealFolder = (path: string): string => {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
};

export const netnsPathOf = (pid: number): string => `/proc/${pid}/ns/net`;

export const OWN_NETNS_PATH = '/proc/self/ns/net';

/** Names of the namespaces that `ip netns` knows, in alphabetical order. */
export const namedNetns = (): string[] => {
  try {
    return readdirSync(NETNS_FOLDER).sort();
  } catch {
    return [];
  }
};

export const processExists = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** Name of a process as the kernel keeps it, at most 15 bytes; `null` when it is gone. */
export const processName = (pid: number): string | null => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return null;
  }
};

/** The network namespaces of all processes that may be looked at, each with the lowest PID in it. */
export const processNetns = (): ReadonlyMap<number, number> => {
  const lowest = new Map<number, number>();
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  for (const pid of pids.sort((one, other) => one - other)) {
    const inode = Number(linkTarget(netnsPathOf(pid))?.match(/^net:\[(\d+)\]$/)?.[1]);
    if (!Number.isNaN(inode) && !lowest.has(inode)) lowest.set(inode, pid);
  }
  return lowest;
};

/** Longest chain of parents that is followed. */
const MAX_PARENTS = 32;

/** An environment variable of ours, or of the nearest process above us that has it and that we may read. */
export const ancestorVariable = (name: string): string | null => {
  const own = process.env[name];
  if (own !== undefined) return own;
  let pid = process.ppid;
  for (let depth = 0; depth < MAX_PARENTS && pid > 1; depth += 1) {
    try {
      const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .find((line) => line.startsWith(`${name}=`));
      if (entry !== undefined) return entry.slice(name.length + 1);
      pid = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      return null;
    }
  }
  return null;
};

export const pathExists = (path: string): boolean => existsSync(path);

/** Name of this machine and release of its kernel. */
export const hostFacts = (): { readonly hostname: string; readonly kernel: string } => ({
  hostname: hostname(),
  kernel: release(),
});

/** Identifier of this boot: another one after every start of the machine. @see random(4) */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
