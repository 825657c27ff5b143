/**
 * Identifier of a network namespace inside one run: `target` (the container's), `host` (ours), or `ns1`, `ns2`, … for a
 * namespace in between (nested containers) or of a peer container.
 */
export type NetnsId = string;

export interface NetnsRef {
  readonly id: NetnsId;
  /** What a person calls it: `net1`, `web-1`, `host`. */
  readonly name: string;
  /** A path that `nsenter --net=` takes: `/proc/PID/ns/net` or `/run/netns/NAME`. */
  readonly path: string;
  /** Inode of the namespace (`net:[4026532178]`): two paths with one inode are one namespace. */
  readonly inode: number;
}
