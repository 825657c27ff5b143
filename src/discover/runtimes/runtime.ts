/** A container as a runtime names it. */
export interface RuntimeContainer {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
}

export interface RuntimeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each command of the runtime. @default 2000 */
  readonly timeoutMs?: number;
}

/** What a container runtime is asked. */
export interface Runtime {
  /** Also the prefix of a target: `docker:web`. */
  readonly name: 'docker';
  /** The container with this name or ID; `null` when the runtime is absent, does not answer, or knows none. */
  find(name: string, options: RuntimeOptions): Promise<RuntimeContainer | null>;
  /** The running containers. */
  list(options: RuntimeOptions): Promise<readonly RuntimeContainer[]>;
}
