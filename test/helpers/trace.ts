import { expect } from 'vitest';
import type { TraceResult } from '../../src/lab/lab.js';
import type { Run } from '../../src/model/run.js';

/** The run document of a trace that must have one. */
export const runOf = (result: TraceResult): Run => {
  if (result.run !== null) return result.run;
  throw new Error(`no run document; exit code ${result.exitCode}\n${result.stderr}\n${result.stdout.slice(0, 2000)}`);
};

/** Roles of the two hops of the broken link, `bridge–uplink`; `null` where nothing is broken. */
export const brokenRoles = (run: Run): string | null => {
  const { brokenLink } = run.diagnosis;
  const role = (id: string): string => run.path.hops.find((hop) => hop.id === id)?.role ?? id;
  return brokenLink ? `${role(brokenLink.from)}–${role(brokenLink.to)}` : null;
};

/** A failure that a user can read: known, in few lines, without a stack. */
export const expectClearError = (result: { stderr: string; exitCode: number | null }, exitCode: number): void => {
  expect(result.stderr).toMatch(/^error: [^\n]+\n(?:hint: [^\n]+\n)?$/);
  expect(result.exitCode).toBe(exitCode);
};

/** Whatever happened, it was no bug: no stack, no exit code of one. */
export const expectNoCrash = (result: { stderr: string; exitCode: number | null }): void => {
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(result.stderr).not.toMatch(/a bug of vethoscope/);
  expect([0, 2, 3, 4, 5, 69, 77, 124]).toContain(result.exitCode);
};
