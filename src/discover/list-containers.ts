import { type CollectOptions, collectNetns } from '../collect/index.js';
import { CommandBatch } from '../host/command-batch.js';
import { inspectNetnsFile, netnsPathOf } from '../host/proc.js';
import type { AddressState, LinkState } from '../model/state.js';
import { findNetns, hostNetns, type NetnsEntry } from './inventory.js';
import {
  type RuntimeContainer,
  type RuntimeName,
  type RuntimeNetwork,
  type RuntimeOptions,
  runtimes,
} from './runtimes/index.js';

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
  /** The runtime that knows it; `null` for a namespace that none knows. */
  readonly runtime: RuntimeName | null;
  /** In the runtime's own word: `running`, `paused`. */
  readonly status: string | null;
  readonly networks: readonly RuntimeNetwork[];
  /** Published ports, as `0.0.0.0:8080->80/tcp`. */
  readonly ports: readonly string[];
  /** `project/service` of docker compose, or namespace and pod. */
  readonly service: string | null;
  /** Other containers in the same network namespace. */
  readonly sharedWith: readonly string[];
}

/** The namespaces of this machine, and which runtimes are present but did not answer. */
export interface ContainerList {
  readonly rows: readonly ContainerRow[];
  readonly troubles: readonly string[];
  /** Containers in the host's own namespace: there is no container network to trace. */
  readonly onHost: readonly string[];
}

/** Namespaces that are read at once, by a few shells: the words of them all have to fit an argument list. */
const AT_ONCE = 128;
const SHELLS = 4;

/** Every network namespace of this machine but our own, by name. */
export const listContainers = async (options: RuntimeOptions = {}): Promise<ContainerList> => {
  const host = hostNetns();
  const [inventory, hostLinks, answers] = await Promise.all([
    findNetns(host, options),
    collectNetns(host, ['links'], options).links,
    Promise.all(runtimes.map((runtime) => runtime.list(options))),
  ]);
  const links = hostLinks.ok ? hostLinks.value : [];
  const others = inventory.entries.filter((entry) => entry.inode !== host.inode);
  const containers = byNetns(answers.flatMap((answer) => answer.containers));
  const rows: ContainerRow[] = [];
  const batch = new CommandBatch(SHELLS);
  for (let start = 0; start < others.length; start += AT_ONCE) {
    const some = others.slice(start, start + AT_ONCE);
    const ends = (entry: NetnsEntry): LinkState[] =>
      links.filter(
        (link) =>
          link.kind === 'veth' && link.linkNetnsid !== null && inventory.ids.get(link.linkNetnsid) === entry.inode,
      );
    rows.push(
      ...(await Promise.all(
        some.map((entry) =>
          toRow(entry, ends(entry), containers.get(entry.inode) ?? [], { ...options, run: batch.run }),
        ),
      )),
    );
  }
  await batch.close();
  return {
    rows: rows.sort((one, other) => one.name.localeCompare(other.name)),
    troubles: answers.flatMap(({ trouble }) => trouble ?? []),
    onHost: (containers.get(host.inode) ?? []).map(({ name }) => name),
  };
};

/** The containers of each namespace, each once; the one whose network it is comes first. */
const byNetns = (containers: readonly RuntimeContainer[]): ReadonlyMap<number, readonly RuntimeContainer[]> => {
  const found = new Map<number, RuntimeContainer[]>();
  for (const container of containers) {
    const inode = netnsInode(container.pid);
    if (inode === null) continue;
    const known = found.get(inode) ?? [];
    if (known.some(({ pid }) => pid === container.pid)) continue;
    found.set(inode, container.networkMode?.startsWith('container:') ? [...known, container] : [container, ...known]);
  }
  return found;
};

const toRow = async (
  entry: NetnsEntry,
  ends: readonly LinkState[],
  containers: readonly RuntimeContainer[],
  options: CollectOptions,
): Promise<ContainerRow> => {
  const ref = { id: 'listed', name: entry.name ?? '', path: entry.path, inode: entry.inode };
  const addresses = await collectNetns(ref, ['addresses'], options).addresses;
  const [container, ...sharing] = containers;
  return {
    name: container?.name ?? entry.name ?? entry.command ?? `pid ${entry.pid}`,
    pid: container?.pid ?? entry.pid,
    command: entry.command,
    netns: entry.name ?? entry.path,
    addresses: (addresses.ok ? addresses.value : []).filter(isGlobal).map((own) => `${own.local}/${own.prefixLength}`),
    veth: ends.map((link) => link.ifname),
    bridge: [...new Set(ends.flatMap((link) => link.master ?? []))],
    runtime: container?.runtime ?? null,
    status: container?.status ?? null,
    networks: container?.networks ?? [],
    ports: container?.ports ?? [],
    service: container?.service ?? null,
    sharedWith: sharing.map(({ name }) => name),
  };
};

const netnsInode = (pid: number): number | null => {
  const file = inspectNetnsFile(netnsPathOf(pid));
  return file.kind === 'netns' ? file.inode : null;
};

const isGlobal = (address: AddressState): boolean => address.scope === 'global';
