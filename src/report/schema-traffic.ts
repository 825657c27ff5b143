import { z } from 'zod';
import { count, list, number, text } from './schema-parts.js';

const tcpSocket = z.object({
  state: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  local: z.string(),
  localPort: z.int(),
  remote: z.string(),
  remotePort: z.int(),
  receiveQueue: count,
  sendQueue: count,
  timer: z.object({ name: z.string(), inMs: z.number(), tries: count }).nullable(),
  rtoMs: number,
  unacknowledged: count,
  retransmitted: count,
  lastSentMs: number,
  lastReceivedMs: number,
});

/** What was followed in place of a probe. */
export const traffic = z.object({
  filter: text.describe('the filter of the user; null for a connection that was named'),
  flows: list(
    z.object({
      protocol: z.string(),
      local: z.string(),
      localPort: number,
      remote: z.string(),
      remotePort: number,
      sent: count,
      answered: count,
    }),
  ),
  socket: z.object({ before: tcpSocket, after: tcpSocket.nullable() }).optional(),
});

/** A rule that a packet met, as the kernel told it. */
export const metRule = z.object({
  netns: z.string(),
  packet: z.string(),
  way: z.enum(['forward', 'return']),
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  index: number,
  handle: number,
  text: z.string(),
  verdict: z.string(),
});
