import { z } from 'zod';
import type { DnsQuestion } from '../model/flow.js';
import type { StandAloneRequest } from './stand-alone.js';

/** What the stand-alone UDP probe is asked for. */
export interface UdpProbeRequest extends StandAloneRequest {
  /** 4 bytes in hex with which each payload begins; the probe's number in 2 bytes follows. */
  readonly nonce: string;
  /** Port that it is sent from; `null` lets the kernel choose one for each. */
  readonly sourcePort: number | null;
  /** Payload bytes. */
  readonly size: number;
  /** Ask this of a DNS server instead; the nonce then gives the ids of the queries. */
  readonly dns?: DnsQuestion;
  /** Ask a TFTP server for a file: the answer comes from another port. */
  readonly tftp?: true;
}

const reply = z.object({ rcode: z.int(), answers: z.int(), truncated: z.boolean() });

/** What became of one datagram; one line of the stand-alone probe's output. */
export const udpAttempt = z.object({
  probe: z.int().positive(),
  /** `null` when the kernel refused before it chose one. */
  sourcePort: z.int().nullable(),
  /** `refused`: port unreachable. `error`: another ICMP error. `not-sent`: our own system took no datagram. */
  outcome: z.enum(['answered', 'refused', 'timeout', 'error', 'not-sent']),
  /** Name of the error number: `ECONNREFUSED`. */
  code: z.string().nullable(),
  rttMs: z.number(),
  /** What a DNS server answered. */
  reply: reply.optional(),
  /** What became of the same query over TCP, after an answer that was cut short. */
  overTcp: z
    .object({ outcome: z.enum(['answered', 'refused', 'timeout', 'error']), code: z.string().nullable() })
    .optional(),
});

export type UdpAttempt = z.infer<typeof udpAttempt>;
