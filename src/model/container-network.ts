/** A network of a container as its runtime keeps it: what should be there, and on whose behalf. */
export interface ContainerNetwork {
  readonly runtime: 'docker' | 'podman';
  readonly name: string;
  readonly driver: string;
  /** Its bridge on the host; `null` for a network without one. */
  readonly bridge: string | null;
  /** Made with `--internal`: no way out on purpose. */
  readonly internal: boolean;
  /** Whether containers on it may talk to each other. */
  readonly icc: boolean;
  /** Whether the runtime masquerades it. */
  readonly masquerade: boolean;
  readonly subnets: readonly string[];
}
