import { z } from 'zod';
import { RUN_SCHEMA, type Run } from '../model/run.js';

/** Name of the JSON Schema of format version 1. */
export const SCHEMA_ID = 'urn:vethoscope:schema:run:1';

/*
 * Minor versions add fields and words, and readers ignore what they do not know: objects are open, and lists of words are
 * closed only where a new word would need a new major version.
 */
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const argv = list(z.string());
const way = z.enum(['forward', 'return']);
const confidence = z.enum(['certain', 'likely', 'possible']);
const count = z.int().min(0);
const number = z.number().nullable();
const text = z.string().nullable();

const flow = z.object({
  kind: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  protocol: z.string(),
  source: text,
  destination: z.string(),
  destinationText: z.string().describe('the destination as typed'),
  port: number,
  mark: z.number(),
  dns: z.object({ name: z.string(), type: z.string() }).optional(),
  sourcePort: z.int().optional().describe('set for a connection that is under way'),
  established: z.literal(true).optional(),
});

const target = z.object({
  kind: z.string(),
  spelled: z.string(),
  name: z.string(),
  pid: number,
  netnsPath: z.string(),
  networks: list(z.string()).optional(),
  ports: list(z.string()).optional().describe('published ports, as 0.0.0.0:8080->80/tcp'),
  notes: list(z.string()).optional(),
});

const probeResult = z.object({
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

const hop = z.object({
  id: z.string().regex(/^h\d+$/),
  role: z.string(),
  netns: z.string(),
  ifname: text,
  ifindex: number,
  captured: z.boolean(),
  note: z.string().optional(),
});

const seen = z.object({ seen: count, of: count });
const runHop = hop.extend({ forward: seen, return: seen, captureDropped: number });
const link = z.object({ id: z.string(), from: z.string(), to: z.string(), stages: list(z.string()) });
const router = z.object({ netns: z.string(), link: z.string(), iif: z.string(), oif: text, nextHop: text });
const path = z.object({ hops: list(hop), links: list(link), routers: list(router), notes: list(z.string()) });

const brokenLink = z.object({ from: z.string(), to: z.string(), stage: z.string() });

const diagnosis = z.object({
  status: z.enum(['ok', 'degraded', 'fault', 'inconclusive']),
  code: text,
  cause: text.describe('null when the status is ok or nothing could be decided'),
  title: z.string(),
  summary: z.string(),
  direction: way.nullable(),
  brokenLink: brokenLink.optional(),
  confidence: confidence.nullable(),
  connection: list(z.string()).optional().describe('what the socket and conntrack say of a watched connection'),
  aboutSize: z.string().optional().describe('what a full-size packet met, where it shows no fault'),
  packetBytes: count
    .optional()
    .describe('set where the counts and the broken link are those of packets of this length: smaller ones pass'),
  rewrites: list(
    z.object({
      way,
      fromHop: z.string(),
      toHop: z.string(),
      field: z.enum(['source', 'destination']),
      before: z.string(),
      after: z.string(),
    }),
  ),
  losses: list(
    z.object({ link: z.string(), way, lost: count, of: count, interval: z.tuple([z.number(), z.number()]).readonly() }),
  )
    .optional()
    .describe('loss that is not total, per link, with the 95 % interval of its share'),
  skipped: list(z.object({ check: z.string(), reason: z.string() })),
  doubts: list(z.string()),
});

const finding = z.object({
  code: z.string().regex(/^V\d{4}$/),
  cause: z.string(),
  check: z.string(),
  rank: z.enum(['root', 'behind', 'noticed']),
  link: z.string(),
  stage: z.string(),
  direction: way,
  netns: z.string(),
  device: z.string().optional(),
  object: z.string().optional(),
  confidence,
  title: z.string(),
  evidence: list(
    z.object({
      kind: z.enum(['seen', 'read', 'asked', 'counted', 'kernel', 'control', 'inferred']),
      text: z.string(),
      command: argv.optional(),
      output: z.string().optional(),
    }),
  ),
  origin: z.object({ owner: z.string(), file: z.string().optional(), line: z.number().optional() }).optional(),
  notes: list(z.string()).optional(),
  remedies: list(
    z.object({
      kind: z.string(),
      title: z.string(),
      netns: z.string(),
      commands: list(argv),
      undo: list(argv),
      risk: z.enum(['low', 'medium', 'high']),
      riskText: z.string(),
    }),
  ),
});

const kernelDrop = z.object({
  probe: number,
  reason: z.string(),
  function: z.string(),
  device: text,
  netns: text,
});
const limit = z.object({ what: z.string(), why: z.string(), install: text });

const artifact = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown(), command: argv, ms: z.number() }),
  z.object({ ok: z.literal(false), reason: z.string(), message: z.string(), command: argv, ms: z.number() }),
]);
const read = artifact.optional();
const netnsState = z.object({
  links: read,
  addresses: read,
  routes: read,
  rules: read,
  neighbours: read,
  bridgePorts: read,
  fdb: read,
  sysctls: read,
  iptablesNft: read,
  ip6tablesNft: read,
  iptablesLegacy: read,
  ip6tablesLegacy: read,
  ebtablesLegacy: read,
  ebtablesNft: read,
  arptablesLegacy: read,
  arptablesNft: read,
  nftables: read,
  conntrack: read,
  counters: read,
  qdiscs: read,
  tcFilters: read,
  sockets: read,
  resolvConf: read,
});
const states = z.record(z.string(), netnsState).describe('artifacts by namespace and name');

const sighting = z.object({
  hop: z.string(),
  kind: z.string(),
  way,
  probe: number,
  packet: z.object({ at: z.number(), length: count }),
});

const evidence = z.object({
  hostname: z.string(),
  kernel: z.string(),
  target,
  flow,
  netns: list(z.object({ id: z.string(), name: z.string(), path: z.string(), inode: z.number() })),
  sysctlFiles: list(
    z.object({ key: z.string(), value: z.string(), file: z.string(), line: z.number(), modified: z.string() }),
  )
    .optional()
    .describe('network settings in the files of this host, in the order in which they are made'),
  deviceManagers: list(z.object({ device: z.string(), manager: z.string() }))
    .optional()
    .describe('which network manager looks after which device of this host'),
  timeline: z
    .object({
      events: list(z.object({ at: z.string(), what: z.string(), touches: z.enum(['rules', 'settings', 'both']) })),
      absent: list(z.string()),
    })
    .optional()
    .describe('what happened on this host before the run, the oldest first'),
  inbound: z
    .object({
      client: z.object({ kind: z.string(), name: z.string(), spelled: z.string().optional() }),
      container: text,
      port: number,
      proxy: z.object({ pid: z.number(), container: z.string(), port: z.number() }).nullable(),
    })
    .optional()
    .describe('set for a flow that comes in to a published port'),
  traffic: z
    .object({
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
    })
    .optional()
    .describe('traffic of the container that was followed in place of a probe'),
  containerNetworks: read.optional().describe("how the container's runtime configured its networks"),
  path,
  probeSettings: z.object({
    protocol: z.string(),
    count,
    intervalMs: z.number(),
    size: count,
    df: z.boolean(),
    source: text,
    mark: z.number(),
    timeoutMs: z.number(),
  }),
  before: states,
  after: states,
  asked: list(z.object({ what: z.string(), netns: z.string(), command: argv, exitCode: number, answer: z.string() })),
  captures: list(z.object({ hop: z.string(), command: argv, error: text, packets: count, droppedByKernel: number })),
  sightings: list(sighting),
  frames: list(
    z.object({
      hop: z.string(),
      at: z.number(),
      length: count,
      linkType: count,
      data: z.string().describe('base64'),
    }),
  ).optional(),
  probe: probeResult.nullable(),
  control: probeResult.nullable(),
  fullSize: z
    .object({
      bytes: count,
      probe: probeResult,
      control: probeResult.nullable(),
      sightings: list(sighting),
      passes: number.optional(),
    })
    .optional()
    .describe('one packet of the largest size that must not be fragmented'),
  kernelDrops: list(kernelDrop),
  changes: list(z.object({ netns: z.string(), what: z.string(), detail: z.string() })),
  limits: list(limit),
});

/** The run document of format version 1. */
export const runDocument = z.object({
  schema: z.literal(RUN_SCHEMA),
  formatVersion: z.string().regex(/^1\.\d+$/),
  tool: z.object({ name: z.string(), version: z.string() }),
  run: z.object({
    id: z.string(),
    started: z.string().describe('UTC, ISO 8601'),
    durationMs: z.number(),
    phasesMs: z.record(z.string(), z.number()),
    changesMade: count,
    redacted: z.boolean(),
    argv,
    hostname: z.string(),
    kernel: z.string(),
  }),
  target,
  flow,
  probe: probeResult.nullable(),
  control: probeResult.nullable(),
  path: path.extend({ hops: list(runHop) }),
  diagnosis,
  findings: list(finding),
  ruledOut: list(z.object({ check: z.string(), code: z.string(), because: z.string() })),
  kernelDrops: list(kernelDrop),
  limits: list(limit),
  evidence: evidence.optional().describe('what is needed to diagnose again; absent with --no-evidence'),
  reduced: list(z.string()).optional().describe('parts of the evidence that are left out'),
  redactions: z.record(z.string(), count).optional().describe('how many values of each kind were replaced'),
});

type DocumentOf<T extends z.input<typeof runDocument>> = T;
/** Compiles only while every run is a document of the schema. */
export type RunDocument = DocumentOf<Run>;

/** The JSON Schema (draft 2020-12) of the run document. */
export const runJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(runDocument, { io: 'input' }),
  $id: SCHEMA_ID,
  title: 'vethoscope run document, format version 1',
});
