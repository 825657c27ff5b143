import { existsSync } from 'node:fs';

/** Why the kernel's events cannot be had, in words for a person. */
export class TracefsUnavailable extends Error {
  override readonly name = 'TracefsUnavailable';
}

/** Where tracefs is, or would be. */
export interface Tracefs {
  readonly path: string;
  readonly mounted: boolean;
}

const USUAL = '/sys/kernel/tracing';
const PLACES = [USUAL, '/sys/kernel/debug/tracing'];

/** The tracing folder; it is not mounted in a child of `ip netns exec`, for one, or in a container. */
export const findTracefs = (): Tracefs => {
  const path = PLACES.find((place) => existsSync(`${place}/instances`));
  return { path: path ?? USUAL, mounted: path !== undefined };
};
