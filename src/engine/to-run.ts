import type { Diagnosis } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { RankedFinding } from '../model/finding.js';
import { RUN_FORMAT_VERSION, RUN_SCHEMA, type Run, type RunFinding, type RunHop } from '../model/run.js';

/** What the document says of the run itself. */
export interface RunMeta {
  readonly tool: Run['tool'];
  readonly run: Run['run'];
  /** Whether the document carries the evidence, so that it can be diagnosed again. */
  readonly evidence: boolean;
}

/** The run document of format version 1. */
export const toRun = (evidence: Evidence, diagnosis: Diagnosis, meta: RunMeta): Run => {
  const { findings, counts, ruledOut, brokenLink, ...rest } = diagnosis;
  return {
    schema: RUN_SCHEMA,
    formatVersion: RUN_FORMAT_VERSION,
    tool: meta.tool,
    run: meta.run,
    target: evidence.target,
    flow: evidence.flow,
    probe: evidence.probe,
    control: evidence.control,
    path: {
      ...evidence.path,
      hops: evidence.path.hops.map((hop): RunHop => {
        const count = counts.find((candidate) => candidate.hop === hop.id);
        const of = count?.sent ?? evidence.probe?.sent ?? 0;
        return {
          ...hop,
          forward: { seen: count?.forward ?? 0, of },
          return: { seen: count?.return ?? 0, of },
          captureDropped: evidence.captures.find((capture) => capture.hop === hop.id)?.droppedByKernel ?? null,
        };
      }),
    },
    diagnosis: { ...rest, ...(brokenLink ? { brokenLink } : {}) },
    findings: findings.map(toRunFinding),
    ruledOut,
    kernelDrops: evidence.kernelDrops,
    limits: evidence.limits,
    ...(meta.evidence ? { evidence } : {}),
  };
};

const toRunFinding = (finding: RankedFinding): RunFinding => ({
  code: finding.code,
  cause: finding.cause,
  check: finding.check,
  rank: finding.rank,
  link: finding.place.link,
  stage: finding.place.stage,
  direction: finding.place.way,
  netns: finding.place.netns,
  ...(finding.place.device === undefined ? {} : { device: finding.place.device }),
  ...(finding.place.object === undefined ? {} : { object: finding.place.object }),
  confidence: finding.confidence,
  title: finding.title,
  evidence: finding.proof,
  ...(finding.origin ? { origin: finding.origin } : {}),
  ...(finding.notes ? { notes: finding.notes } : {}),
  remedies: finding.remedies,
});
