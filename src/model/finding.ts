import type { Way } from './flow.js';
import type { NetnsId } from './netns.js';
import type { Stage } from './path.js';

export type Confidence = 'certain' | 'likely' | 'possible';
export type Rank = 'root' | 'behind' | 'noticed';

/**
 * How a proof line is known: packets seen, state read, a question the kernel answered, a counter that moved, the
 * kernel's drop event, a second probe that works, or a conclusion.
 */
export type ProofKind = 'seen' | 'read' | 'asked' | 'counted' | 'kernel' | 'control' | 'inferred';

export interface Proof {
  readonly kind: ProofKind;
  readonly text: string;
  /** What a sceptic can paste to see the same. */
  readonly command?: readonly string[];
  readonly output?: string;
}

/** Who set what is wrong, where that can be known. */
export interface Origin {
  readonly owner: string;
  readonly file?: string;
  readonly line?: number;
}

/** A change as data. Only `src/repair` may run it. */
export interface Remedy {
  readonly kind: 'runtime' | 'persistent' | 'instruction';
  readonly title: string;
  /** Namespace in which the commands belong. */
  readonly netns: NetnsId;
  readonly commands: readonly (readonly string[])[];
  readonly undo: readonly (readonly string[])[];
  readonly risk: 'low' | 'medium' | 'high';
  readonly riskText: string;
}

/** Where a cause sits. */
export interface Place {
  readonly link: string;
  readonly stage: Stage;
  /** Which of two causes at one stage of a link comes first: the lower. @default 0 */
  readonly turn?: number;
  readonly way: Way;
  readonly netns: NetnsId;
  readonly device?: string;
  /** Table, chain and rule; a route; a sysctl key. */
  readonly object?: string;
}

/** One cause that a check found, before it is ranked. */
export interface Finding {
  /** An id or group of the fault catalogue; the check's own id or a more specific one that it covers. */
  readonly cause: string;
  /** What is wrong, with the observed value; lower case, no full stop. */
  readonly title: string;
  readonly place: Place;
  /**
   * Links at which packets are lost because of this, in the given way each. The cause's own link is not implied: no
   * MASQUERADE sits at postrouting and loses packets outside.
   */
  readonly loses: readonly [LossPlace, ...LossPlace[]];
  readonly proof: readonly [Proof, ...Proof[]];
  readonly remedies: readonly Remedy[];
  readonly origin?: Origin;
  /** Notes on side effects, what the application sees, what not to do. */
  readonly notes?: readonly string[];
}

export interface LossPlace {
  readonly link: string;
  readonly way: Way;
}

export interface RankedFinding extends Finding {
  readonly code: string;
  readonly check: string;
  readonly rank: Rank;
  readonly confidence: Confidence;
}
