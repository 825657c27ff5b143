import { z } from 'zod';
import { RUN_SCHEMA, type Run } from '../model/run.js';
import { evidence } from './schema-evidence.js';
import {
  argv,
  confidence,
  count,
  flow,
  hop,
  kernelDrop,
  limit,
  list,
  number,
  path,
  probeResult,
  target,
  text,
  way,
} from './schema-parts.js';

/** Name of the JSON Schema of format version 1. */
export const SCHEMA_ID = 'urn:vethoscope:schema:run:1';

const seen = z.object({ seen: count, of: count });
const runHop = hop.extend({ forward: seen, return: seen, captureDropped: number });
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
