import type { Limit } from '../../model/evidence.js';
import type { Flow } from '../../model/flow.js';
import type { Met } from '../../model/met.js';
import type { Sighting } from '../../model/packet.js';
import type { Path } from '../../model/path.js';
import type { Run, RunEvent, RunPhase } from '../../model/run.js';
import type { Target } from '../../model/target.js';
import type { Watched } from '../../model/watch.js';

/** Packets that are kept for the list; older ones are forgotten and counted. */
export const MAX_PACKETS = 500;

export interface Announced {
  readonly what: string;
  readonly command: readonly string[];
}

/** Probes seen at a hop, by their numbers. */
export interface HopSeen {
  readonly forward: readonly number[];
  readonly return: readonly number[];
}

/** A packet that arrived, with the time in milliseconds since the epoch. */
export interface Arrived {
  readonly at: number;
  readonly sighting: Sighting;
}

/** What the screen knows of one trace, or of a watch. */
export interface TraceState {
  readonly status: 'running' | 'done' | 'failed' | 'stopped';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** When the running round of a watch began; packets are timed against it. */
  readonly roundAt: number;
  readonly phase: RunPhase | null;
  readonly target: Target | null;
  readonly path: Path | null;
  readonly flow: Flow | null;
  readonly announced: readonly Announced[];
  readonly seen: Readonly<Record<string, HopSeen>>;
  readonly packets: readonly Arrived[];
  readonly forgotten: number;
  /** Bytes on the wire of what was captured. */
  readonly bytes: number;
  readonly limits: readonly Limit[];
  readonly met: readonly Met[];
  readonly run: Run | null;
  /** Set while, and after, a watch ran. */
  readonly watched: Watched | null;
  /** Why there is no diagnosis. */
  readonly failure: { readonly message: string; readonly hint: string | null } | null;
}

export type TraceEvent =
  | RunEvent
  | { readonly type: 'start'; readonly at: number }
  | { readonly type: 'round'; readonly at: number }
  | { readonly type: 'watched'; readonly watched: Watched }
  | { readonly type: 'finished'; readonly run: Run; readonly at: number }
  | { readonly type: 'stopped'; readonly at: number }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string | null; readonly at: number };

export const startOfTrace = (at: number): TraceState => ({
  status: 'running',
  startedAt: at,
  endedAt: null,
  roundAt: at,
  phase: null,
  target: null,
  path: null,
  flow: null,
  announced: [],
  seen: {},
  packets: [],
  forgotten: 0,
  bytes: 0,
  limits: [],
  met: [],
  run: null,
  watched: null,
  failure: null,
});

/** The state after an event. Pure. */
export const foldTrace = (state: TraceState, event: TraceEvent): TraceState => {
  switch (event.type) {
    case 'start':
      return startOfTrace(event.at);
    case 'round':
      return { ...state, roundAt: event.at };
    case 'watched':
      return { ...state, watched: event.watched, run: event.watched.lastRun };
    case 'phase':
      return { ...state, phase: event.phase };
    case 'target':
      return { ...state, target: event.target };
    case 'path':
      return { ...state, path: event.path, flow: event.flow };
    case 'wait':
      return state;
    case 'announce':
      return { ...state, announced: [...state.announced, { what: event.what, command: event.command }] };
    case 'arrival':
      return withSighting(state, event.sighting);
    case 'limit':
      return { ...state, limits: [...state.limits, event.limit] };
    case 'diagnosis':
      return { ...state, met: event.diagnosis.met ?? [] };
    case 'finished':
      return { ...state, status: 'done', run: event.run, endedAt: event.at };
    case 'stopped':
      return { ...state, status: 'stopped', endedAt: event.at };
    case 'failed':
      return { ...state, status: 'failed', failure: { message: event.message, hint: event.hint }, endedAt: event.at };
    case 'sighting':
    case 'probe':
      return state;
  }
};

const NOTHING_SEEN: HopSeen = { forward: [], return: [] };

const withSighting = (state: TraceState, sighting: Sighting): TraceState => {
  const room = state.packets.length >= MAX_PACKETS;
  return {
    ...state,
    packets: [
      ...(room ? state.packets.slice(1) : state.packets),
      { at: state.roundAt + sighting.packet.at / 1e6, sighting },
    ],
    forgotten: state.forgotten + (room ? 1 : 0),
    bytes: state.bytes + sighting.packet.length,
    seen: withSeen(state.seen, sighting),
  };
};

const withSeen = (seen: TraceState['seen'], { hop, kind, way, probe }: Sighting): TraceState['seen'] => {
  const counts = (way === 'forward' && kind === 'request') || (way === 'return' && kind === 'reply');
  const own = Object.hasOwn(seen, hop) ? (seen[hop] ?? NOTHING_SEEN) : NOTHING_SEEN;
  if (!counts || probe === null || own[way].includes(probe)) return seen;
  return { ...seen, [hop]: { ...own, [way]: [...own[way], probe] } };
};
