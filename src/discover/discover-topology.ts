import { collectors } from '../collect/index.js';
import { collectTopology, type TopologyState } from '../collect/topology.js';
import type { CommandRunner } from '../host/command-batch.js';
import { inspectNetnsFile, processExists } from '../host/proc.js';
import type { Artifact } from '../model/artifact.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { Path } from '../model/path.js';
import type { OvsPort } from '../model/state.js';
import type { Target } from '../model/target.js';
import { lookupRoute, routingState } from '../routing/index.js';
import { planPath } from './build-path.js';
import { findNetns, hostNetns, type NetnsInventory } from './inventory.js';
import { type FlowRequest, type NetnsTopology, netnsById, type Topology, type Wanted } from './topology.js';

export interface DiscoverOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** What runs the commands. @default runCommand */
  readonly run?: CommandRunner;
  /** Told of each namespace as soon as its reading begins, so that the slow dumps can begin too; its devices come later. */
  readonly onNetns?: (netns: NetnsRef, links: Promise<TopologyState['links']>) => void;
}

export interface Discovery {
  /** The namespaces of the path: `target`, `host`, `ns1`, … */
  readonly netns: readonly NetnsRef[];
  readonly state: Readonly<Record<NetnsId, TopologyState>>;
  readonly topology: Topology;
  readonly path: Path;
  readonly flow: Flow;
}

/** Rounds after which what is still unknown stays so. */
const MOST_ROUNDS = 12;

/**
 * Reads the namespaces that the traffic passes, beginning with the container's and the host's, and follows it through them.
 * @throws KnownError when the state of the container or the host cannot be read
 */
export const discoverTopology = async (
  target: Target,
  request: FlowRequest,
  options: DiscoverOptions = {},
): Promise<Discovery> => {
  const host = hostNetns();
  const file = inspectNetnsFile(target.netnsPath);
  const inode = file.kind === 'netns' ? file.inode : 0;
  const container: NetnsRef = { id: 'target', name: target.name, path: target.netnsPath, inode };
  const [first, second, inventory] = await Promise.all([
    readNetns(container, options),
    readNetns(host, options),
    findNetns(host, options),
  ]);
  let read: readonly Read[] = [first, { ...second, ids: inventory.ids }];
  for (const { ref, state } of read) requireState(target, ref, state);
  let topology = toTopology(read);
  requireOneHost(netnsById(topology, 'target'), request);
  let plan = planPath(topology, request);
  for (let round = 0; round < MOST_ROUNDS && plan.wanted.length > 0; round += 1) {
    const more = await satisfy(read, plan.wanted, inventory, options);
    if (more === null) break;
    read = more;
    topology = toTopology(read);
    plan = planPath(topology, request);
  }
  return {
    netns: read.map(({ ref }) => ref),
    state: Object.fromEntries(read.map(({ ref, state }) => [ref.id, state])),
    topology,
    path: plan.path,
    flow: plan.flow,
  };
};

/** @throws KnownError where everybody in the container's own network is meant: that needs no router, and nobody has to answer */
const requireOneHost = (container: NetnsTopology, { family, destination, protocol }: FlowRequest): void => {
  const query = { family, destination, protocol, source: null, iif: null, mark: 0 };
  if (lookupRoute(container, query).outcome !== 'broadcast') return;
  throw new KnownError(`${destination} is the broadcast address of ${container.ref.name}'s own network`, {
    exitCode: EXIT.usage,
    hint: 'every host there gets it and none has to answer: trace the address of one of them',
  });
};

interface Read {
  readonly ref: NetnsRef;
  readonly state: TopologyState;
  readonly ids: ReadonlyMap<number, number> | null;
  readonly ovsPorts: readonly OvsPort[];
}

/** Everything about one namespace that a path through it depends on. */
export const readNamespace = async (
  ref: NetnsRef,
  options: DiscoverOptions,
): Promise<{ readonly state: TopologyState; readonly topology: NetnsTopology }> => {
  const read = await readNetns(ref, options);
  return { state: read.state, topology: toNetnsTopology(read) };
};

const readNetns = async (ref: NetnsRef, options: DiscoverOptions): Promise<Read> => {
  const reading = collectTopology(ref, options);
  // The path waits for what is read here, so it is asked for first, in every namespace.
  queueMicrotask(() =>
    options.onNetns?.(
      ref,
      reading.then(({ links }) => links),
    ),
  );
  const [state, ovsPorts] = await Promise.all([reading, collectors.ovsPorts.collect(ref, options)]);
  return { ref, state, ids: null, ovsPorts: valueOr(ovsPorts) };
};

/** Reads what is wanted; `null` when nothing of it can be had. */
const satisfy = async (
  read: readonly Read[],
  wanted: readonly Wanted[],
  inventory: NetnsInventory,
  options: DiscoverOptions,
): Promise<readonly Read[] | null> => {
  const askers = new Set(wanted.flatMap((want) => (want.kind === 'ids' ? [want.netns.id] : [])));
  const inodes = new Set(wanted.flatMap((want) => (want.kind === 'netns' ? [want.inode] : [])));
  const entries = inventory.entries.filter((entry) => inodes.has(entry.inode));
  if (askers.size === 0 && entries.length === 0) return null;
  const next = read.length - 1;
  const [identified, added] = await Promise.all([
    Promise.all(
      read.map(async (one) =>
        askers.has(one.ref.id) && one.ids === null ? { ...one, ids: (await findNetns(one.ref, options)).ids } : one,
      ),
    ),
    Promise.all(
      entries.map(({ inode, path, name, command, pid }, index) =>
        readNetns({ id: `ns${next + index}`, name: name ?? command ?? `pid ${pid}`, path, inode }, options),
      ),
    ),
  ]);
  return [...identified, ...added];
};

const toTopology = (read: readonly Read[]): Topology => ({ netns: read.map(toNetnsTopology) });

const toNetnsTopology = ({ ref, state, ids, ovsPorts }: Read): NetnsTopology => {
  const routing = routingState(state);
  const plain = 'missing' in routing ? partialState(state) : routing;
  return { ...plain, ref, ids, bridgePorts: valueOr(state.bridgePorts), fdb: valueOr(state.fdb), ovsPorts };
};

const partialState = (state: TopologyState) => ({
  rules: valueOr(state.rules),
  routes: valueOr(state.routes),
  links: valueOr(state.links),
  addresses: valueOr(state.addresses),
  neighbours: valueOr(state.neighbours),
  sysctls: null,
});

const valueOr = <T>(artifact: Artifact<readonly T[]>): readonly T[] => (artifact.ok ? artifact.value : []);

/** Without these nothing can be said about a path. */
const requireState = (target: Target, ref: NetnsRef, state: TopologyState): void => {
  const failed = [state.links, state.addresses, state.routes, state.rules].find((artifact) => !artifact.ok);
  if (failed === undefined || failed.ok) return;
  if (ref.id === 'target' && target.pid !== null && !processExists(target.pid)) {
    throw new KnownError(`process ${target.pid} has ended`, { exitCode: EXIT.usage, hint: 'see: vethoscope list' });
  }
  const command = failed.command.join(' ');
  switch (failed.reason) {
    case 'missing-tool':
      throw new KnownError(failed.message, { exitCode: EXIT.missingProgram, hint: 'apt install iproute2 util-linux' });
    case 'not-permitted':
      throw new KnownError(`not permitted: ${command}`, { exitCode: EXIT.noPrivilege, hint: failed.message });
    case 'timeout':
      throw new KnownError(`${command}: ${failed.message}`, { exitCode: EXIT.timeout });
    default:
      throw new KnownError(`${command} failed`, { exitCode: EXIT.inconclusive, hint: failed.message });
  }
};
