import { getPriority, setPriority } from 'node:os';

/** nice(1) adds 10, with which a trace on a host without any idle time takes six times as long. */
const NICENESS = 5;
const LEAST = 19;

/** Lets the programs of a busy host go first: this process and those that it starts from now on. */
export const yieldToOthers = (): void => {
  try {
    setPriority(Math.min(getPriority() + NICENESS, LEAST));
  } catch {
    // A sandbox that forbids even this is no reason not to trace.
  }
};
