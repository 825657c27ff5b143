import { z } from 'zod';
import { EXIT, KnownError } from '../model/errors.js';
import { RUN_FORMAT_VERSION, RUN_SCHEMA, type Run } from '../model/run.js';
import { readRunFromHtml } from '../report/html/embed.js';

const header = z.object({ schema: z.literal(RUN_SCHEMA), formatVersion: z.string().regex(/^\d+\.\d+$/) });

const list = z.array(z.looseObject({}));
const path = z.looseObject({ hops: list, links: list, routers: list, notes: z.array(z.string()) });
const named = z.looseObject({ name: z.string() });
const flow = z.looseObject({ protocol: z.string(), destination: z.string() });

/** The parts without which nothing can be drawn or diagnosed; unknown fields stay, as minor versions add them. */
const document = z.looseObject({
  tool: z.looseObject({ version: z.string() }),
  run: z.looseObject({ id: z.string(), started: z.string(), durationMs: z.number(), hostname: z.string() }),
  target: named,
  flow,
  path,
  diagnosis: z.looseObject({ status: z.enum(['ok', 'degraded', 'fault', 'inconclusive']), title: z.string() }),
  findings: list,
  ruledOut: list,
  kernelDrops: list,
  limits: list,
  evidence: z
    .looseObject({
      target: named,
      flow,
      path,
      netns: list,
      probeSettings: z.looseObject({}),
      before: z.record(z.string(), z.looseObject({})),
      after: z.record(z.string(), z.looseObject({})),
      asked: list,
      captures: list,
      sightings: list,
      kernelDrops: list,
      changes: list,
      limits: list,
    })
    .optional(),
});

const major = (version: string): number => Number(version.split('.')[0]);

const refuse = (source: string, why: string, hint?: string): never => {
  throw new KnownError(`${source} ${why}`, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
};

const parsedJson = (text: string, source: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(source, 'is no run document: it is not JSON');
  }
};

const HTML = /^\s*<!doctype html/i;

/**
 * The run document in a text, or in an HTML report.
 * @param source how messages name it
 * @throws KnownError for anything else, also for a document of a newer major version
 */
export const parseRunDocument = (text: string, source: string): Run => {
  const value = parsedJson(HTML.test(text) ? (readRunFromHtml(text) ?? '') : text, source);
  const head = header.safeParse(value);
  if (!head.success) return refuse(source, 'is no run document of vethoscope');
  const version = head.data.formatVersion;
  if (major(version) > major(RUN_FORMAT_VERSION))
    return refuse(source, `has format ${version}, which is newer than ${RUN_FORMAT_VERSION}`, 'use a newer vethoscope');
  const whole = document.safeParse(value);
  const [issue] = whole.error?.issues ?? [];
  if (issue) return refuse(source, `is damaged: ${issue.path.join('.')}: ${issue.message}`);
  return value as Run;
};
