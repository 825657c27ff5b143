import type { CommandRunner } from '../host/command-batch.js';
import type { CommandResult } from '../host/run-command.js';
import type { ProbeResult } from '../model/probe.js';

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait for answers when it aborts; what came until then counts. */
  readonly enough?: AbortSignal | undefined;
  /** Told the PID of the sending process. */
  readonly onStart?: ((pid: number) => void) | undefined;
  /** Runs ping where a shell waits in the namespace, which spares a process start of ours. */
  readonly run?: CommandRunner | undefined;
}

/** Adds the counts to what a probe brought. */
export const resultOf = (brought: Omit<ProbeResult, 'sent' | 'answered'>): ProbeResult => ({
  ...brought,
  sent: brought.answers.filter(({ outcome }) => outcome !== 'not-sent').length,
  answered: brought.answers.filter(({ outcome }) => outcome === 'answered' || outcome === 'refused').length,
});

/** Why the probe's program did not run, or did not end by itself; `null` when it did. */
export const startFailure = (ran: CommandResult, tool: string, debianPackage: string): string | null => {
  if (ran.failure === 'missing-tool') return `${ran.argv[0]} is not installed`;
  if (ran.failure === 'timeout') return `${tool} did not end in time`;
  if (ran.failure === 'cancelled') return `${tool} was stopped`;
  if (ran.failure === 'not-permitted') return `${ran.argv[0]}: permission denied`;
  const refused = ran.stderr.match(/^cannot enter the control group .+$/m)?.[0];
  if (refused !== undefined) return refused;
  const complaint = ran.stderr.match(/^nsenter: (.+)$/m)?.[1];
  if (complaint === undefined) return null;
  if (/failed to execute.*No such file/.test(complaint))
    return `${tool} is not installed (Debian package ${debianPackage})`;
  if (/cannot open.*No such file/.test(complaint)) return 'the network namespace is gone';
  return complaint;
};
