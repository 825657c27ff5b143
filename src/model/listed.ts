/** One network namespace beside the host's, as `list` shows it. */
export interface ListedNetns {
  /** What `trace` takes as a target. */
  readonly target: string;
  readonly name: string;
  /** The first process in it; `null` for a namespace that only a file holds. */
  readonly pid: number | null;
  readonly netns: string;
  readonly interfaces: readonly ListedInterface[];
}

export interface ListedInterface {
  readonly ifname: string;
  /** With prefix length: `192.168.0.2/24`. */
  readonly addresses: readonly string[];
  /** The peer's name in the host's namespace; `null` where it is elsewhere or there is none. */
  readonly veth: string | null;
  readonly bridge: string | null;
}
