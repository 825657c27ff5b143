/** How a target was named; the last ones are the runtimes that know containers by name. */
export type TargetKind =
  | 'pid'
  | 'netns'
  | 'path'
  | 'docker'
  | 'podman'
  | 'nerdctl'
  | 'containerd'
  | 'cri'
  | 'pod'
  | 'nspawn'
  | 'lxc';

/** What is debugged, resolved: a network namespace, with a process in it where one is known. */
export interface Target {
  readonly kind: TargetKind;
  /** As the user typed it. */
  readonly spelled: string;
  /** Short name for the drawn path and the messages. */
  readonly name: string;
  /** A process in the namespace; `null` for a namespace that only a file holds. */
  readonly pid: number | null;
  readonly netnsPath: string;
  /** Networks that its runtime attached it to, by name. */
  readonly networks?: readonly string[];
  /** Ports that its runtime publishes, as `0.0.0.0:8080->80/tcp`. */
  readonly ports?: readonly string[];
  /** What its runtime says and the path does not show: that it is paused, or shares the network of another. */
  readonly notes?: readonly string[];
}
