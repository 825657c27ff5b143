import { docker } from './docker.js';
import type { Runtime } from './runtime.js';

export type { Runtime, RuntimeContainer, RuntimeOptions } from './runtime.js';

/** Every runtime that a bare name is looked up in. */
export const runtimes: readonly Runtime[] = [docker];
