/** Who connects to a published place: whoever does while we wait, this host itself, or a namespace that we may send from. */
export interface InboundClient {
  readonly kind: 'anyone' | 'host' | 'netns';
  /** For people: `anyone outside`, the host's name, the namespace's. */
  readonly name: string;
  /** How the namespace was named; set for `netns`. */
  readonly spelled?: string;
}

/** How connections to the published place come about. */
export interface InboundWish {
  /** `host`, or a namespace to send from, spelled as a target; `null` waits for connections of others. */
  readonly simulate: string | null;
  /** Milliseconds to wait for them. */
  readonly waitMs: number;
}

/** Docker's own program that hands connections on, which no rule translates. */
export interface DockerProxy {
  readonly pid: number;
  /** Address and port of the container that it connects to. */
  readonly container: string;
  readonly port: number;
}

/** The place behind a published one. */
export interface InboundEvidence {
  readonly client: InboundClient;
  /** Address of the container on the way; `null` when it has none. */
  readonly container: string | null;
  /** Port of the container that its runtime says is published there; `null` where no runtime says so. */
  readonly port: number | null;
  /** The docker-proxy of the published place; `null` when none runs. */
  readonly proxy: DockerProxy | null;
}
