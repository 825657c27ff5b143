import { type CollectOptions, collectNetns } from '../collect/index.js';
import type { Discovery } from '../discover/index.js';
import type { Artifact } from '../model/artifact.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import { quoteWords } from '../model/inert.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { ConntrackState, NetnsState } from '../model/state.js';
import type { Target } from '../model/target.js';
import type { TrafficWish } from '../model/traffic.js';
import { findSocket } from './find-socket.js';
import { type FindOptions, type Found, filterCommand, overhear } from './overhear.js';
import type { InboundPlan } from './plan.js';

/**
 * The traffic of the container that is to be followed.
 * @throws KnownError where there is none, or no telling which
 */
export async function* findTraffic(
  { dryRun }: Pick<TraceSettings, 'dryRun'>,
  wish: TrafficWish,
  target: Target,
  options: FindOptions,
): AsyncGenerator<RunEvent, Found> {
  const netns: NetnsRef = { id: 'target', name: target.name, path: target.netnsPath, inode: 0 };
  if (wish.kind === 'socket') return yield* findSocket(wish, target, netns, options);
  if (dryRun)
    throw new KnownError('the path of traffic is known when it is seen: --dry-run shows nothing with --passive', {
      exitCode: EXIT.usage,
      hint: `what checks the filter: ${quoteWords(filterCommand(wish.filter))}`,
    });
  return yield* overhear(wish, target, netns, options);
}

/** What conntrack of each namespace behind the container's knows of a connection that is under way. */
export type Tracked = Readonly<Record<NetnsId, Artifact<ConntrackState>>>;

/** Reads what conntrack knows of the flow; nothing where it is no single connection. */
export const readTracked = async (
  { netns, flow }: Discovery,
  reading: Pick<CollectOptions, 'run' | 'signal'>,
): Promise<Tracked> => {
  if (flow.sourcePort === undefined) return {};
  const read = await Promise.all(
    netns.map(async (place) => {
      const conntrack = await collectNetns(place, ['conntrack'], { ...reading, flow }).conntrack;
      return [place.id, conntrack] as const;
    }),
  );
  return Object.fromEntries(read);
};

/** Addresses and ports that a connection has behind the host's translation, so that captures let it pass. */
export const translatedEnds = (tracked: Tracked, { port }: Flow): InboundPlan => {
  const tuples = Object.values(tracked)
    .flatMap((artifact) => (artifact.ok ? artifact.value.entries : []))
    .flatMap(({ original, reply }) => [original, reply])
    .filter(({ sport, dport }) => [sport, dport].includes(port));
  return {
    sender: null,
    addresses: [...new Set(tuples.flatMap(({ src, dst }) => [src, dst]))],
    ports: [...new Set(tuples.flatMap(({ sport, dport }) => [sport ?? [], dport ?? []].flat()))],
  };
};

/** The states with what conntrack knew before anything was watched. */
export const withTracked = (
  before: Readonly<Record<NetnsId, NetnsState>>,
  tracked: Tracked,
): Readonly<Record<NetnsId, NetnsState>> =>
  Object.fromEntries(
    Object.entries(before).map(([id, state]) => [id, { ...state, conntrack: tracked[id] ?? state.conntrack }]),
  );
