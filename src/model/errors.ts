/** Exit codes of the program. Stable; documented in the README. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  fault: 3,
  degraded: 4,
  inconclusive: 5,
  rolledBack: 6,
  rollbackFailed: 7,
  pending: 8,
  refused: 9,
  missingProgram: 69,
  noPrivilege: 77,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected failure: one clear line, a hint, and an exit code. Everything else that is thrown is a bug. */
export class KnownError extends Error {
  override readonly name = 'KnownError';
  readonly exitCode: ExitCode;
  /** What the user can do about it. */
  readonly hint: string | null;

  constructor(message: string, options: { exitCode: ExitCode; hint?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode;
    this.hint = options.hint ?? null;
  }
}
