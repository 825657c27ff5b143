import { collectNetns } from '../collect/index.js';
import { inspectNetnsFile, netnsPathOf } from '../host/proc.js';
import type { AddressState, LinkState } from '../model/state.js';
import { findNetns, hostNetns, type NetnsEntry } from './inventory.js';
import { type RuntimeContainer, type RuntimeOptions, runtimes } from './runtimes/index.js';

/** One container, or another network namespace, of this machine. */
export interface ContainerRow {
  readonly name: string;
  readonly pid: number | null;
  readonly command: string | null;
  /** Name under `/run/netns`, else the path of the namespace. */
  readonly netns: string;
  /** Global addresses with their prefix length. */
  readonly addresses: readonly string[];
  /** The host's ends of its veth pairs. */
  readonly veth: readonly string[];
  /** The bridges that those belong to. */
  readonly bridge: readonly string[];
}

/** Namespaces that are read at once. */
const AT_ONCE = 16;

/** Every network namespace of this machine but our own, by name. */
export const listContainers = async (options: RuntimeOptions = {}): Promise<ContainerRow[]> => {
  const host = hostNetns();
  const [inventory, hostLinks, containers] = await Promise.all([
    findNetns(host, options),
    collectNetns(host, ['links'], options).links,
    Promise.all(runtimes.map((runtime) => runtime.list(options))),
  ]);
  const links = hostLinks.ok ? hostLinks.value : [];
  const others = inventory.entries.filter((entry) => entry.inode !== host.inode);
  const rows: ContainerRow[] = [];
  for (let start = 0; start < others.length; start += AT_ONCE) {
    const batch = others.slice(start, start + AT_ONCE);
    const ends = (entry: NetnsEntry): LinkState[] =>
      links.filter(
        (link) =>
          link.kind === 'veth' && link.linkNetnsid !== null && inventory.ids.get(link.linkNetnsid) === entry.inode,
      );
    rows.push(...(await Promise.all(batch.map((entry) => toRow(entry, ends(entry), containers.flat(), options)))));
  }
  return rows.sort((one, other) => one.name.localeCompare(other.name));
};

const toRow = async (
  entry: NetnsEntry,
  ends: readonly LinkState[],
  containers: readonly RuntimeContainer[],
  options: RuntimeOptions,
): Promise<ContainerRow> => {
  const ref = { id: 'listed', name: entry.name ?? '', path: entry.path, inode: entry.inode };
  const addresses = await collectNetns(ref, ['addresses'], options).addresses;
  const container = containers.find(({ pid, running }) => running && netnsInode(pid) === entry.inode);
  return {
    name: container?.name ?? entry.name ?? entry.command ?? `pid ${entry.pid}`,
    pid: entry.pid,
    command: entry.command,
    netns: entry.name ?? entry.path,
    addresses: (addresses.ok ? addresses.value : []).filter(isGlobal).map((own) => `${own.local}/${own.prefixLength}`),
    veth: ends.map((link) => link.ifname),
    bridge: [...new Set(ends.flatMap((link) => link.master ?? []))],
  };
};

const netnsInode = (pid: number): number | null => {
  const file = inspectNetnsFile(netnsPathOf(pid));
  return file.kind === 'netns' ? file.inode : null;
};

const isGlobal = (address: AddressState): boolean => address.scope === 'global';
