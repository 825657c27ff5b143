import type { NetnsId } from './netns.js';

/** A question to the kernel that sends nothing (`ip route get`), and its answer in the kernel's words. */
export interface Asked {
  /** What is asked: `route-forward` (container to destination, at a router), `route-return`, `route-origin`. */
  readonly what: 'route-origin' | 'route-forward' | 'route-return';
  readonly netns: NetnsId;
  readonly command: readonly string[];
  readonly exitCode: number | null;
  /** Standard output on success, the error line otherwise. */
  readonly answer: string;
}
