import { z } from 'zod';

/** What became of one connection; one line of the stand-alone probe's output. */
export const tcpAttempt = z.object({
  probe: z.int().positive(),
  /** `null` or 0 when the kernel refused before it chose one, so that nothing was sent. */
  sourcePort: z.int().nullable(),
  outcome: z.enum(['connected', 'refused', 'timeout', 'error']),
  /** Name of the error number: `EHOSTUNREACH`. */
  code: z.string().nullable(),
  rttMs: z.number(),
});

export type TcpAttempt = z.infer<typeof tcpAttempt>;
