import type { CommandRunner } from '../host/command-batch.js';
import type { Artifact } from '../model/artifact.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ArtifactName, ArtifactValue, LinkState, NetnsState } from '../model/state.js';

export type Argv = readonly string[];

export interface CollectOptions {
  /** What runs the commands. @default runCommand */
  readonly run?: CommandRunner;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each command. @default 5000 */
  readonly timeoutMs?: number;
  /** The connection whose conntrack entries are read. */
  readonly flow?: Pick<Flow, 'family' | 'protocol' | 'source' | 'destination' | 'sourcePort'> | null;
  /** Devices whose tc filters are read. */
  readonly devices?: readonly string[];
  /** The queueing disciplines of the namespace, where they have been read. */
  readonly qdiscs?: NetnsState['qdiscs'] | undefined;
  /** Devices of the namespace, where they are known: settings that nobody asks for are then not read. */
  readonly links?: readonly LinkState[];
  /** A process in the namespace, for files of the container. */
  readonly pid?: number | null;
}

/** Reads one artifact of one network namespace. Never rejects: a failure is an artifact. */
export interface Collector<N extends ArtifactName> {
  readonly artifact: N;
  /** Every command that it may run, the one that names the artifact first. */
  commands(netns: NetnsRef, options: CollectOptions): readonly Argv[];
  collect(netns: NetnsRef, options: CollectOptions): Promise<Artifact<ArtifactValue<N>>>;
}
