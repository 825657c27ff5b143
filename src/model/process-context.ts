/**
 * Whether a process may open raw sockets. `by-file`: it may not itself, and a program that it starts may: its bounding set
 * leaves it to file capabilities and set-user-ID.
 */
export type RawSockets = 'yes' | 'by-file' | 'no';

/** A proxy that a process was told of. `place` is kept of one on a loopback address with a port, and of no other. */
export interface ProxyVariable {
  readonly name: string;
  readonly place: { readonly address: string; readonly port: number } | null;
}

/** What decides about the traffic of the target's own process, and of no other in its namespace. */
export interface ProcessContext {
  readonly pid: number;
  readonly rawSockets: RawSockets;
  /** Its effective group and its supplementary ones, as numbered here. */
  readonly groups: readonly number[];
  /** Set where its environment could be read. Nothing else of the environment is kept. */
  readonly proxies?: readonly ProxyVariable[];
  /** Whether its `no_proxy` or `NO_PROXY` may cover the destination. */
  readonly isExempt?: boolean;
}
