import { randomHex } from '../host/random.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Run } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { VERSION } from '../version.js';
import type { Stopwatch } from './stopwatch.js';
import { toRun } from './to-run.js';

/** The document of a run that has just ended. */
export const document = (
  settings: TraceSettings,
  watch: Stopwatch,
  evidence: Evidence,
  diagnosis: Diagnosis,
  changesMade = 0,
): Run =>
  toRun(evidence, diagnosis, {
    tool: { name: 'vethoscope', version: VERSION },
    run: {
      id: randomHex(4),
      started: watch.started.toISOString(),
      durationMs: watch.elapsedMs,
      phasesMs: watch.phasesMs(),
      changesMade,
      redacted: false,
      argv: settings.argv,
      hostname: evidence.hostname,
      kernel: evidence.kernel,
    },
    evidence: settings.evidence,
  });
