import { EXIT, type ExitCode } from '../model/errors.js';
import type { Run } from '../model/run.js';

/** What counts as a fault for the exit code: lost packets, also what works but is fragile, also what was only noticed. */
export type FailOn = 'error' | 'warn' | 'info';

/** The exit code of a diagnosed run, as the README documents it. */
export const exitCodeOf = (run: Pick<Run, 'diagnosis' | 'findings'>, failOn: FailOn): ExitCode => {
  const { status } = run.diagnosis;
  if (status === 'inconclusive') return EXIT.inconclusive;
  if (status === 'fault') return EXIT.fault;
  if (status === 'degraded' || run.findings.some((finding) => finding.rank !== 'noticed'))
    return failOn === 'error' ? EXIT.degraded : EXIT.fault;
  return failOn === 'info' && run.findings.length > 0 ? EXIT.fault : EXIT.ok;
};
