import { z } from 'zod';

/*
 * Minor versions add fields and words, and readers ignore what they do not know: objects are open, and lists of words are
 * closed only where a new word would need a new major version.
 */
export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
export const argv = list(z.string());
export const way = z.enum(['forward', 'return']);
export const confidence = z.enum(['certain', 'likely', 'possible']);
export const count = z.int().min(0);
export const number = z.number().nullable();
export const text = z.string().nullable();

export const flow = z.object({
  kind: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  protocol: z.string(),
  source: text,
  destination: z.string(),
  destinationText: z.string().describe('the destination as typed'),
  port: number,
  mark: z.number(),
  dns: z.object({ name: z.string(), type: z.string() }).optional(),
  sourcePort: z.int().optional().describe('port of the sender, where one connection is followed or a port was chosen'),
  established: z.literal(true).optional(),
});

export const target = z.object({
  kind: z.string(),
  spelled: z.string(),
  name: z.string(),
  pid: number,
  netnsPath: z.string(),
  networks: list(z.string()).optional(),
  ports: list(z.string()).optional().describe('published ports, as 0.0.0.0:8080->80/tcp'),
  notes: list(z.string()).optional(),
});

export const probeResult = z.object({
  command: argv,
  protocol: z.string(),
  token: text,
  sent: count,
  answered: count,
  answers: list(
    z.object({
      probe: z.int().min(1),
      outcome: z.string(),
      rttMs: number,
      text,
      from: text,
      overTcp: z.string().optional(),
    }),
  ),
  localError: text.describe("the sending socket's own error"),
  failure: text.describe('why the probe could not run'),
  output: z.string(),
  isOwnTraffic: z.literal(true).optional().describe('no probe was sent: these are packets of the container'),
});

export const hop = z.object({
  id: z.string().regex(/^h\d+$/),
  role: z.string(),
  netns: z.string(),
  ifname: text,
  ifindex: number,
  captured: z.boolean(),
  note: z.string().optional(),
});

export const link = z.object({ id: z.string(), from: z.string(), to: z.string(), stages: list(z.string()) });
export const router = z.object({ netns: z.string(), link: z.string(), iif: z.string(), oif: text, nextHop: text });
export const path = z.object({ hops: list(hop), links: list(link), routers: list(router), notes: list(z.string()) });

export const kernelDrop = z.object({
  probe: number,
  reason: z.string(),
  function: z.string(),
  device: text,
  netns: text,
});
export const limit = z.object({ what: z.string(), why: z.string(), install: text });
