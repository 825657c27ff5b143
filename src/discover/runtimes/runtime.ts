import type { TargetKind } from '../../model/target.js';

export type RuntimeName = Exclude<TargetKind, 'pid' | 'netns' | 'path'>;

/** A network that a container is attached to, as its runtime says. */
export interface RuntimeNetwork {
  readonly name: string;
  /** Kind of the network, such as `bridge`, `macvlan`, `ipvlan`; `null` where the runtime did not say. */
  readonly driver: string | null;
  readonly address: string | null;
}

/** A container as a runtime names it. */
export interface RuntimeContainer {
  readonly runtime: RuntimeName;
  readonly id: string;
  readonly name: string;
  /** `0` without a process. */
  readonly pid: number;
  /** In the runtime's own word: `running`, `paused`, `exited`, … */
  readonly status: string;
  /** `host`, `none`, `container:ID`, or a network; `null` where the runtime has no such word. */
  readonly networkMode: string | null;
  readonly networks: readonly RuntimeNetwork[];
  /** Published ports, as `0.0.0.0:8080->80/tcp`. */
  readonly ports: readonly string[];
  /** `project/service` of docker compose. */
  readonly service: string | null;
}

/** What a runtime answered: its containers, or in one line why it has none to name. */
export interface RuntimeAnswer {
  readonly containers: readonly RuntimeContainer[];
  /** Set when the runtime is present, but did not answer the question. */
  readonly trouble: string | null;
}

export interface RuntimeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each command of the runtime. @default 2000 */
  readonly timeoutMs?: number;
}

/** What a container runtime is asked. Only fields that are needed here are read: never environments or command lines. */
export interface Runtime {
  /** Also the prefix of a target: `docker:web`. */
  readonly name: RuntimeName;
  /** Command that starts a stopped container; `null` where it is not the runtime's to start one. */
  startCommand(name: string): string | null;
  /** The containers with this name, ID or compose service, stopped ones too; none when the runtime is absent. */
  find(name: string, options: RuntimeOptions): Promise<RuntimeAnswer>;
  /** The containers that have a process. */
  list(options: RuntimeOptions): Promise<RuntimeAnswer>;
}

export const NOTHING: RuntimeAnswer = { containers: [], trouble: null };
