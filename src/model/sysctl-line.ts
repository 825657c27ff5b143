/** A line of a file from which settings are made when the host starts. */
export interface SysctlLine {
  /** With dots: `net.ipv4.ip_forward`; `*` stands for any one name. */
  readonly key: string;
  readonly value: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** When the file was last written, as ISO 8601 in UTC. */
  readonly modified: string;
}
