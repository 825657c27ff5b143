import type { Run, RunFinding } from '../model/run.js';

/** What makes a pipeline fail: the root of a loss, also what stands behind it, or whatever was noticed. */
export type FailOn = 'error' | 'warn' | 'info';

export type Level = 'error' | 'warning' | 'note';

/** `error` loses packets now, `warning` will or does so in part, `note` was noticed beside the flow. */
export const levelOf = (run: Run, finding: RunFinding): Level => {
  if (finding.rank === 'root') return run.diagnosis.status === 'degraded' ? 'warning' : 'error';
  return finding.rank === 'behind' ? 'warning' : 'note';
};

const ORDER: Readonly<Record<Level, number>> = { note: 0, warning: 1, error: 2 };
const LEAST: Readonly<Record<FailOn, number>> = { info: 0, warn: 1, error: 2 };

export const fails = (level: Level, failOn: FailOn): boolean => ORDER[level] >= LEAST[failOn];
