import {
  bootId,
  inspectNetnsFile,
  NETNS_FOLDER,
  namedNetns,
  netnsPathOf,
  OWN_NETNS_PATH,
  processNetns,
} from '../host/proc.js';
import type { NetnsRef } from '../model/netns.js';
import type { JournalEntry } from '../model/repair.js';

const inodeOf = (path: string): number | null => {
  const file = inspectNetnsFile(path);
  return file.kind === 'netns' ? file.inode : null;
};

/** The namespace under a name in `/run/netns`; `null` when there is none. */
export const inodeOfName = (name: string): number | null => inodeOf(`${NETNS_FOLDER}/${name}`);

/** A namespace under a path that leads to it now; `null` when there is none any more. */
const findNetns = (netns: NetnsRef): NetnsRef | null => {
  const own = netns.id === 'host' ? OWN_NETNS_PATH : netns.path;
  if (inodeOf(own) === netns.inode) return { ...netns, path: own };
  if (netns.id === 'host') return null;
  const named = namedNetns()
    .map((name) => `${NETNS_FOLDER}/${name}`)
    .find((path) => inodeOf(path) === netns.inode);
  const pid = processNetns().get(netns.inode);
  const path = named ?? (pid === undefined ? null : netnsPathOf(pid));
  return path === null ? null : { ...netns, path };
};

/** Whether an entry is about the host namespace that we are in. */
export const isHere = (entry: JournalEntry): boolean =>
  entry.boot === bootId() &&
  entry.netns.some((netns) => netns.id === 'host' && inodeOf(OWN_NETNS_PATH) === netns.inode);

/** Whether the machine was started again since. */
export const isBeforeReboot = (entry: JournalEntry): boolean => entry.boot !== bootId();

/** The namespaces of an entry that still exist. */
export const remaining = (entry: JournalEntry): readonly NetnsRef[] =>
  entry.netns.flatMap((netns) => findNetns(netns) ?? []);
