import { inNetns } from '../host/in-netns.js';
import {
  inspectNetnsFile,
  NETNS_FOLDER,
  namedNetns,
  netnsPathOf,
  OWN_NETNS_PATH,
  processName,
  processNetns,
} from '../host/proc.js';
import { runCommand } from '../host/run-command.js';
import type { NetnsRef } from '../model/netns.js';
import { parseIpNetns } from '../parse/ip-netns.js';
import { type LsnsRow, parseLsns } from '../parse/lsns.js';
import { ParseError } from '../parse/parse-error.js';

/** A network namespace of this machine. */
export interface NetnsEntry {
  readonly inode: number;
  /** Its name under `/run/netns`, else the namespace file of its lowest PID. */
  readonly path: string;
  readonly name: string | null;
  readonly pid: number | null;
  /** Name of that process; never its arguments, which may hold secrets. */
  readonly command: string | null;
}

/** The namespaces of this machine, and what one of them calls the others. */
export interface NetnsInventory {
  readonly entries: readonly NetnsEntry[];
  /** Inode by the identifier that links of the asking namespace use (`link_netnsid`). */
  readonly ids: ReadonlyMap<number, number>;
}

/** Our own namespace. */
export const hostNetns = (): NetnsRef => {
  const file = inspectNetnsFile(OWN_NETNS_PATH);
  return { id: 'host', name: 'host', path: OWN_NETNS_PATH, inode: file.kind === 'netns' ? file.inode : 0 };
};

/**
 * All network namespaces of this machine that have a name or a process. Identifiers are relative to `from`. Where lsns is
 * missing, a namespace without a name has no identifier.
 */
export const findNetns = async (
  from: NetnsRef = hostNetns(),
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number } = {},
): Promise<NetnsInventory> => {
  const [listed, named] = await Promise.all([
    readRows(inNetns(from, ['lsns', '-t', 'net', '-J', '-o', 'NS,NETNSID,PID']), parseLsns, options),
    readRows(inNetns(from, ['ip', '-j', 'netns', 'list']), parseIpNetns, options),
  ]);
  const processes = listed.length > 0 ? listed : processRows();
  const names = new Map(namedNetns().flatMap((name) => inodeOf(name).map((inode) => [name, inode] as const)));
  const ids = new Map<number, number>();
  for (const { netnsid, inode } of processes) if (netnsid !== null) ids.set(netnsid, inode);
  for (const { name, id } of named) {
    const inode = names.get(name);
    if (id !== null && inode !== undefined) ids.set(id, inode);
  }
  return { entries: mergeEntries(processes, names), ids };
};

const readRows = async <T>(
  argv: readonly string[],
  parse: (text: string) => T[],
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number },
): Promise<T[]> => {
  const result = await runCommand(argv, options);
  if (result.failure !== null) return [];
  try {
    return parse(result.stdout);
  } catch (error) {
    if (error instanceof ParseError) return [];
    throw error;
  }
};

const processRows = (): LsnsRow[] => [...processNetns()].map(([inode, pid]) => ({ inode, pid, netnsid: null }));

const inodeOf = (name: string): number[] => {
  const file = inspectNetnsFile(`${NETNS_FOLDER}/${name}`);
  return file.kind === 'netns' ? [file.inode] : [];
};

const mergeEntries = (processes: readonly LsnsRow[], names: ReadonlyMap<string, number>): NetnsEntry[] => {
  const byInode = new Map<number, NetnsEntry>();
  for (const { inode, pid } of processes) {
    if (pid !== null) byInode.set(inode, { inode, path: netnsPathOf(pid), name: null, pid, command: processName(pid) });
  }
  for (const [name, inode] of names) {
    const known = byInode.get(inode);
    if (known?.name != null) continue;
    byInode.set(inode, { pid: null, command: null, ...known, inode, name, path: `${NETNS_FOLDER}/${name}` });
  }
  return [...byInode.values()];
};
