import type { ProbeResult } from '../model/probe.js';
import type { Chain } from './chains.js';
import type { FreeEvent, TraceEvent } from './events.js';
import { isHarmless } from './healthy.js';

/** A packet that was dropped within the system call that sent it, before it came to any device. */
export interface LocalDrop {
  readonly probe: number | null;
  readonly freed: FreeEvent;
}

/**
 * Drops in the probe's own system calls: OUTPUT rules, BPF programs of its cgroup, a device without a queue. The process
 * is the proof, so that no time and no length is needed.
 */
export const localDrops = (
  events: readonly TraceEvent[],
  chains: readonly Chain[],
  { pid, answers }: ProbeResult,
): readonly LocalDrop[] => {
  if (pid === undefined) return [];
  const atDevices = new Set(chains.map(({ freed }) => freed));
  const dropped = events
    .filter((event) => event.kind === 'free')
    .filter((event) => event.sender === pid && !atDevices.has(event) && !isHarmless(event));
  const isEach = dropped.length === answers.length;
  return dropped.map((freed, index) => ({ probe: isEach ? (answers[index]?.probe ?? null) : null, freed }));
};
