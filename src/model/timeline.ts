/** Something that happened on this host before the run. */
export interface HostEvent {
  /** ISO 8601 in UTC, to the second. */
  readonly at: string;
  /** `dockerd started`, `/etc/ufw/user.rules was written`. */
  readonly what: string;
  /** What it may have changed: rules and devices, settings of the kernel, or all of them. */
  readonly touches: 'rules' | 'settings' | 'both';
}

/** What happened on this host in which order, as far as that can be read; the oldest first. */
export interface Timeline {
  readonly events: readonly HostEvent[];
  /** What could not be read, and why. */
  readonly absent: readonly string[];
}
