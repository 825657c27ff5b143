export type TargetKind = 'pid' | 'netns' | 'path' | 'docker';

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
}
